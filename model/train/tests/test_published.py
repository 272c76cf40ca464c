"""The committed model: graph, contract, parity report and card agree with each other."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest

import card
import schema
from acceptance import refusals

MODEL = Path(card.__file__).parent.parent


def read(name):
    return json.loads((MODEL / name).read_text(encoding='utf-8'))


@pytest.fixture(scope='module')
def contract():
    return read('contract.json')


@pytest.fixture(scope='module')
def golden(contract):
    names = [feature['name'] for feature in contract['features']]
    return pd.DataFrame([case['values'] for case in contract['golden']], columns=names)


def infer(contract, frame):
    dtypes = {'string': object, 'float32': np.float32}
    session = onnxruntime.InferenceSession(str(MODEL / 'model.onnx'), providers=['CPUExecutionProvider'])
    return session.run([contract['graph']['output']], {
        part['name']: frame[part['features']].to_numpy(dtypes[part['type']]) for part in contract['graph']['inputs']
    })[0]


def test_the_graph_is_the_one_described(contract):
    model = (MODEL / 'model.onnx').read_bytes()
    assert hashlib.sha256(model).hexdigest() == contract['graph']['sha256']
    assert len(model) == contract['graph']['bytes']
    parsed = onnx.load_from_string(model)
    assert {entry.domain or 'ai.onnx': entry.version for entry in parsed.opset_import} == contract['graph']['opsets']
    assert [value.name for value in parsed.graph.input] == [part['name'] for part in contract['graph']['inputs']]
    assert {prop.key: prop.value for prop in parsed.metadata_props} == {
        'name': contract['name'], 'version': contract['version']
    }


def test_golden_cases_replay(contract, golden):
    expected = np.array([case['probability'] for case in contract['golden']])
    assert len(golden) >= 200
    found = infer(contract, golden).astype(np.float64)
    assert np.abs(found - expected).max() <= contract['parity']['tolerance']
    threshold = contract['output']['threshold']
    assert np.array_equal(found >= threshold, expected >= threshold)
    # Probabilities are float32 numbers, and both labels occur.
    assert np.array_equal(expected, expected.astype(np.float32).astype(np.float64))
    assert 0 < np.sum(expected >= threshold) < len(expected)


def test_golden_cases_would_be_accepted_and_cover_the_contract(contract, golden):
    for row in golden.to_dict('records'):
        assert refusals(row, list(schema.FEATURES)) == []
    for feature in contract['features']:
        values = golden[feature['name']]
        if feature['type'] == 'category':
            assert set(values) == {category['value'] for category in feature['categories']}
        else:
            accepted = feature['accepted']
            if not accepted.get('exclusiveMin'):
                assert values.min() == accepted['min'], feature['name']
            assert values.max() == accepted['max'], feature['name']
            outside = (values < feature['seen']['min']) | (values > feature['seen']['max'])
            has_outside = (accepted['min'], accepted['max']) != (feature['seen']['min'], feature['seen']['max'])
            assert outside.any() == has_outside, feature['name']
    [combination] = [rule for rule in contract['rules'] if rule['type'] == 'seen-combinations']
    pairs = set(zip(*(golden[field] for field in combination['fields'])))
    seen = {tuple(pair) for pair in combination['combinations']}
    assert pairs & seen and pairs - seen


def test_golden_cases_sit_on_both_sides_of_thresholds(contract, golden):
    # Three values in a row of float32: below, at and above a split.
    for feature in contract['features']:
        if feature['type'] == 'number':
            values = set(golden[feature['name']].to_numpy(np.float32))
            steps = [
                value for value in values
                if np.nextafter(value, np.float32(-np.inf)) in values and np.nextafter(value, np.float32(np.inf)) in values
            ]
            assert len(steps) >= 2, feature['name']


def test_numbers_are_written_exactly(contract):
    text = (MODEL / 'contract.json').read_text(encoding='utf-8')
    assert text.endswith('}\n') and '\\u' not in text and len(text.encode()) < 250_000
    whole = {feature['name'] for feature in contract['features'] if feature['type'] == 'integer'}
    for case in contract['golden']:
        for feature, value in zip(contract['features'], case['values']):
            assert feature['name'] not in whole or isinstance(value, int)
            assert isinstance(value, str) == (feature['type'] == 'category')


def test_features_are_the_schema(contract):
    assert [feature['name'] for feature in contract['features']] == list(schema.BY_NAME)
    assert len(contract['graph']['inputs'][0]['features']) == 7
    assert len(contract['graph']['inputs'][1]['features']) == 20
    for described, feature in zip(contract['features'], schema.FEATURES):
        assert described['label'] == {'fr': feature.label[0], 'en': feature.label[1]}
        if isinstance(feature, schema.Categorical):
            assert [category['value'] for category in described['categories']] == feature.values
        else:
            # The ranges that a conversion without data falls back on are those of the data.
            assert (described['seen']['min'], described['seen']['max']) == feature.seen
    [combination] = [rule for rule in contract['rules'] if rule['type'] == 'seen-combinations']
    assert sorted(map(tuple, combination['combinations'])) == sorted(schema.COMBINATIONS)


def test_aliases(contract):
    aliases = {feature['name']: feature.get('aliases', []) for feature in contract['features']}
    assert aliases['annes_sous_responsable_actuel'] == ['annees_sous_responsable_actuel']
    assert aliases['augementation_salaire_precedente'] == ['augmentation_salaire_precedente']
    assert aliases['heure_supplementaires'] == ['heures_supplementaires']
    spelled = {
        alias: category['value'] for feature in contract['features'] if feature['type'] == 'category'
        for category in feature['categories'] for alias in category.get('aliases', [])
    }
    assert spelled == {
        'Homme': 'M', 'Femme': 'F', True: 'Oui', False: 'Non', 'Entrepreneuriat': 'Entrepreunariat', 'Fréquent': 'Frequent'
    }


def test_output(contract):
    output = contract['output']
    assert output['target'] == {'name': 'a_quitte_l_entreprise', 'positive': 'Oui', 'negative': 'Non'}
    assert [band['id'] for band in output['bands']] == ['low', 'moderate', 'high']
    low, moderate, high = (band['from'] for band in output['bands'])
    assert low == 0 and moderate == pytest.approx(contract['baseline']['positiveRate'], abs=5e-4)
    assert high == output['threshold'] > moderate


def test_metrics_are_good_enough_and_not_too_good(contract):
    metrics = contract['metrics']
    assert 0.80 <= metrics['rocAuc']['mean'] < 0.90 and metrics['rocAuc']['std'] > 0
    assert 0.50 <= metrics['f1']['mean'] < 0.70 and metrics['f1']['std'] > 0
    assert metrics['brier']['mean'] < 0.1 and metrics['ece']['mean'] < 0.04
    control = read('evaluation.json')['shuffledTargetRocAuc']
    assert abs(control['mean'] - 0.5) < 0.03
    assert 'repeated 10 times' in metrics['method']


def test_examples(contract):
    frame = pd.DataFrame([example['input'] for example in contract['examples']])
    probability = np.array([example['probability'] for example in contract['examples']])
    assert np.abs(infer(contract, frame) - probability).max() <= 1e-6
    for row in frame.to_dict('records'):
        assert refusals(row, list(schema.FEATURES)) == []
    bands = np.array([band['from'] for band in contract['output']['bands']])
    assert [int(np.searchsorted(bands, p, side='right')) for p in probability] == [1, 2, 3]


def test_baseline_counts_every_row(contract):
    baseline = contract['baseline']
    for name, histogram in [*baseline['features'].items(), ('probability', baseline['probability'])]:
        counts = histogram['counts']
        assert sum(counts.values() if isinstance(counts, dict) else counts) == baseline['rows'], name
        if 'edges' in histogram:
            assert len(histogram['edges']) == len(counts) + 1
            assert all(low < high for low, high in zip(histogram['edges'], histogram['edges'][1:]))
    assert set(baseline['features']) == {feature['name'] for feature in contract['features']}


def test_parity_report(contract):
    report = read('parity.json')
    assert report['sha256'] == contract['graph']['sha256']
    assert report['rows'] == 10_000 == sum(part['rows'] for part in report['strata'].values())
    assert report['maxAbsDifference'] == max(part['maxAbsDifference'] for part in report['strata'].values()) <= 1e-6
    assert report['labelFlips'] == 0 and report['threshold'] == contract['output']['threshold']
    assert contract['parity'] == {key: report[key] for key in ('rows', 'maxAbsDifference', 'labelFlips', 'tolerance')}


def test_the_card_says_what_the_contract_says(contract):
    text = (MODEL / 'README.md').read_text(encoding='utf-8')
    assert text == card.render(contract, read('parity.json'), read('evaluation.json'))
    assert f'{contract["metrics"]["rocAuc"]["mean"]:.3f} ± {contract["metrics"]["rocAuc"]["std"]:.3f}' in text
    assert contract['graph']['sha256'] in text


def test_the_snippet_of_the_card_runs(contract, monkeypatch, capsys):
    text = (MODEL / 'README.md').read_text(encoding='utf-8')
    monkeypatch.chdir(MODEL)
    exec(text.split('```python\n')[1].split('```')[0], {})
    printed = capsys.readouterr().out.split()
    assert float(printed[0]) == pytest.approx(contract['examples'][0]['probability'], abs=1e-6)
    assert printed[1] == 'False'
