import numpy as np
import onnx
import pandas as pd
import pytest

import contract as contracts
import made_up_rows
import parity
import pipeline
import trees
from acceptance import refusals
from errors import ModelError
from export_onnx import export_graph
from pair import check_pair


@pytest.fixture(scope='module')
def graph(small_pair):
    return export_graph(small_pair, 'small', '0.0.1')


def largest_difference(pair, graph, frame):
    return np.abs(parity.run_graph(graph, frame).astype(np.float64) - pipeline.predict(pair, frame)).max()


def fit(frame, left, **options):
    parameters = {'n_estimators': 10, 'max_depth': 3, **options}
    pair = pipeline.fit_pair(frame, left, pipeline.new_encoder(), pipeline.new_model(2, parameters))
    return check_pair(pair.encoder, pair.model)


def test_shape_and_opsets(graph):
    model = onnx.load_from_string(graph.bytes)
    assert [value.name for value in model.graph.input] == ['categorical', 'numeric']
    assert [value.type.tensor_type.shape.dim[1].dim_value for value in model.graph.input] == [7, 20]
    [output] = model.graph.output
    assert output.name == 'probability' and len(output.type.tensor_type.shape.dim) == 1
    assert {entry.domain: entry.version for entry in model.opset_import} == {'': 20, 'ai.onnx.ml': 3}
    assert model.ir_version <= 10
    assert {prop.key: prop.value for prop in model.metadata_props} == {'name': 'small', 'version': '0.0.1'}
    assert not model.doc_string and not model.graph.doc_string and not any(node.doc_string for node in model.graph.node)


def test_any_number_of_rows(graph, employees):
    frame, _ = employees
    for rows in (1, 2, len(frame)):
        assert parity.run_graph(graph, frame.iloc[:rows]).shape == (rows,)


def test_equals_the_pipeline_one_row_at_a_time(small_pair, graph, employees):
    frame, _ = employees
    for i in range(25):
        assert largest_difference(small_pair, graph, frame.iloc[[i]]) <= 1e-6


def test_unknown_categories(small_pair, graph, employees):
    frame, _ = employees
    for name in graph.categorical:
        # Words of other columns too: they are unknown in this one.
        for word in ('', 'inconnu', 'Célibataire', 'Ressources Humaines', 'F', 'Oui'):
            assert largest_difference(small_pair, graph, frame.assign(**{name: word})) <= 1e-6, (name, word)


def test_missing_numbers(employees):
    # Trained on blanks, the trees send them left or right, as it pays; without any, always right.
    frame, left = employees
    fitted = fit(frame, left)
    encoded = pipeline.encode(fitted, frame)
    blanks = np.random.default_rng(0).random(encoded.shape) < 0.2
    model = pipeline.new_model(2, {'n_estimators': 25, 'max_depth': 3}).fit(encoded.mask(blanks), left)
    pair = check_pair(fitted.encoder, model)
    directions = {
        bool(direction) for tree in trees.read_ensemble(model).trees
        for direction, child in zip(tree.missing_left, tree.left) if child >= 0
    }
    assert directions == {True, False}

    graph = export_graph(pair, 'small', '0.0.1')
    for name in graph.numeric:
        assert largest_difference(pair, graph, frame.assign(**{name: np.nan})) <= 1e-6, name
    for name in ('genre', 'heure_supplementaires', 'frequence_deplacement'):
        assert largest_difference(pair, graph, frame.assign(**{name: '?'})) <= 1e-6, name


def test_every_split_threshold_and_its_neighbours(small_pair, graph, employees):
    frame, _ = employees
    base = frame.iloc[:30]
    tried = 0
    for tree in trees.read_ensemble(small_pair.model).trees:
        for feature, threshold, left in zip(tree.feature, tree.threshold, tree.left):
            name = small_pair.columns[feature]
            if left < 0 or name in graph.categorical:
                continue
            values = [np.nextafter(threshold, np.float32(sign), dtype=np.float32) for sign in (-np.inf, np.inf)]
            rows = pd.concat([base.assign(**{name: float(value)}) for value in (threshold, *values)])
            assert largest_difference(small_pair, graph, rows) <= 1e-6, (name, threshold)
            tried += 1
    assert tried > 30


@pytest.mark.parametrize('base_score', [None, 0.5, 0.03, 0.9])
def test_base_score(employees, base_score):
    frame, left = employees
    pair = fit(frame, left, base_score=base_score)
    assert largest_difference(pair, export_graph(pair, 'small', '0.0.1'), frame) <= 1e-6


def test_trees_that_are_a_single_leaf(employees):
    frame, left = employees
    pair = fit(frame, left, gamma=1e6)
    assert largest_difference(pair, export_graph(pair, 'small', '0.0.1'), frame) <= 1e-6


def test_early_stopping_keeps_the_best_rounds_only(employees):
    frame, left = employees
    encoder = pipeline.new_encoder()
    fitted = pipeline.fit_pair(frame, left, encoder, pipeline.new_model(2, {'n_estimators': 2}))
    columns = pipeline.encode(fitted, frame)
    model = pipeline.new_model(2, {'n_estimators': 200, 'early_stopping_rounds': 5, 'learning_rate': 0.5})
    model.fit(columns[:200], left[:200], eval_set=[(columns[200:], left[200:])], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    pair = check_pair(fitted.encoder, model)
    assert len(trees.read_ensemble(model).trees) == model.best_iteration + 1
    assert largest_difference(pair, export_graph(pair, 'small', '0.0.1'), frame) <= 1e-6


def test_same_pair_same_bytes(small_pair, graph):
    assert export_graph(small_pair, 'small', '0.0.1').bytes == graph.bytes


def test_parity_report_covers_every_stratum(small_pair, graph):
    features = contracts.model_features(small_pair, None)
    result = parity.compare(small_pair, graph, features, 0.3, seed=1, rows=4000)
    assert result.passed and sum(part['rows'] for part in result.report['strata'].values()) == 4000
    assert set(result.report['strata']) == {
        'seen', 'accepted', 'extremes', 'categories', 'unknown-category', 'split-thresholds', 'split-thresholds-whole'
    }
    # Both labels occur, or "no label changed" would say nothing.
    assert 0 < result.report['predictedPositive'] < 4000
    again = parity.compare(small_pair, graph, features, 0.3, seed=1, rows=4000)
    assert again.report == result.report and again.frame.equals(result.frame)


@pytest.mark.parametrize('wrong', [2e-6, np.nan])
def test_parity_fails_on_one_wrong_probability(monkeypatch, small_pair, graph, wrong):
    right = parity.run_graph

    def off(graph_, frame):
        result = right(graph_, frame).astype(np.float64)
        result[17] += wrong
        return result

    monkeypatch.setattr(parity, 'run_graph', off)
    result = parity.compare(small_pair, graph, contracts.model_features(small_pair, None), 0.3, seed=1, rows=3000)
    assert not result.passed
    with pytest.raises(ModelError, match='differs from the pipeline'):
        result.require()


def test_made_up_rows_are_accepted_but_where_they_must_not_be(small_pair):
    features = contracts.model_features(small_pair, None)
    frame, strata = made_up_rows.make_rows(features, small_pair.columns, trees.read_ensemble(small_pair.model), 4000, 1)
    for row, stratum in zip(frame.to_dict('records'), strata):
        found = refusals(row, features)
        if stratum == 'unknown-category':
            assert found and all('unknown value' in reason for reason in found), (row, found)
        elif stratum != 'split-thresholds-whole':
            assert not found, (stratum, found)
