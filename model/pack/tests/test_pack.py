"""Packs a pipeline of each kind of output, and refuses what cannot be packed."""

import json

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier, HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.pipeline import make_pipeline

from futurisys_pack import PackError, pack
from futurisys_pack.columns import covered_range
from futurisys_pack.command import main


@pytest.fixture(autouse=True)
def outside_the_repository(tmp_path, monkeypatch):
    """The serving runtime has tests of its own."""
    monkeypatch.chdir(tmp_path)


def packed(pipeline, sample, y, folder, **options):
    made = pack(pipeline, sample, y, name='tried', version='1.0.0', out=folder, **options)
    assert not made.is_verified
    assert made.parity.rows == len(sample) + 10_000
    return json.loads((folder / 'contract.json').read_text('utf-8'))


def by_name(contract):
    return {it['name']: it for it in contract['features']}


def test_a_binary_pipeline(sample, score, piped, tmp_path):
    y = pd.Series(np.where(score > np.median(score), 'Oui', 'Non'), name='left')
    fitted = piped(GradientBoostingClassifier(n_estimators=10, random_state=0)).fit(sample, y)
    contract = packed(fitted, sample, y, tmp_path / 'm', threshold=0.3, subject='customer')
    features = by_name(contract)
    assert features['mean radius']['missing'] == {'graph': 'nan'}
    assert 'missing' not in features['visits']
    assert features['visits']['type'] == 'integer'
    assert features['member']['type'] == 'boolean'
    assert features['région']['unknown'] == 'warn'
    assert [it['name'] for it in contract['ignored']] == ['note']
    output = contract['output']
    assert (output['positive']['value'], output['threshold'], contract['graph']['outputColumn']) == ('Oui', 0.3, 1)
    assert contract['parity']['tolerance'] == 1e-6
    assert {None, 'Sud'} <= {value for case in contract['golden'] for value in case['values']}
    assert contract['subject']['plural'] == {'en': 'customers'}


def test_the_other_class_may_be_the_positive_one(sample, score, piped, tmp_path):
    y = pd.Series(score > np.median(score), name='left')
    contract = packed(piped(LogisticRegression()).fit(sample, y), sample, y, tmp_path / 'm', positive=False)
    assert (contract['output']['target']['positive'], contract['graph']['outputColumn']) == (False, 0)


def test_three_classes(sample, score, piped, tmp_path):
    y = pd.qcut(score, 3, labels=['low', 'middle', 'high']).astype(str)
    fitted = piped(RandomForestClassifier(10, random_state=0)).fit(sample, y)
    contract = packed(fitted, sample, y, tmp_path / 'm')
    assert [it['value'] for it in contract['output']['labels']] == ['high', 'low', 'middle']
    best = {max(case['probabilities'], key=case['probabilities'].get) for case in contract['golden']}
    assert best == {'high', 'low', 'middle'}


def test_a_regression_on_a_matrix(sample, score, tmp_path):
    X = sample[['visits', 'member']].to_numpy(float)
    contract = packed(Ridge().fit(X, score), X, score, tmp_path / 'm')
    assert contract['output']['kind'] == 'regression'
    assert [it['features'] for it in contract['graph']['inputs']] == [['x0', 'x1']]


@pytest.mark.parametrize(('model', 'inverse_func'), [
    (RandomForestRegressor(10, random_state=0), np.expm1), (HistGradientBoostingRegressor(max_iter=10), np.exp),
])
def test_a_transformed_target_is_answered_in_its_own_unit(model, inverse_func, sample, score, piped, tmp_path):
    y = pd.Series(np.exp(score / 2), name='price')
    func = {np.expm1: np.log1p, np.exp: np.log}[inverse_func]
    fitted = TransformedTargetRegressor(piped(model), func=func, inverse_func=inverse_func).fit(sample, y)
    contract = packed(fitted, sample, y, tmp_path / 'm')
    assert contract['parity']['tolerance'] == 1e-6
    # Golden values are prices, not logarithms.
    assert max(case['value'] for case in contract['golden']) > float(y.median())
    assert [it['name'] for it in contract['ignored']] == ['note']


def test_a_missing_text_is_a_blank_one_for_the_graph(sample, score, tmp_path):
    X = sample[['région', 'visits']].copy()
    X.loc[::7, 'région'] = np.nan
    y = score + 3.0 * X['région'].isna()
    fitted = make_pipeline(
        ColumnTransformer([('texts', OneHotEncoder(handle_unknown='ignore'), ['région'])], remainder='passthrough'), Ridge(),
    ).fit(X, y)
    contract = packed(fitted, X, y, tmp_path / 'm')
    assert by_name(contract)['région']['missing'] == {'graph': {'token': ''}}
    assert by_name(contract)['région']['categories'] == [{'value': it, 'label': {'en': it}} for it in ('Nord', 'Ouest', 'Sud')]


def test_histogram_gradient_boosting_keeps_its_thresholds(sample, score, tmp_path):
    X = sample[['mean radius', 'visits']] * 1e5 + 0.123456789
    y = pd.qcut(score, 3, labels=['low', 'middle', 'high']).astype(str)
    for target in (y, y == 'low'):
        fitted = HistGradientBoostingClassifier(max_iter=10).fit(X, target)
        assert packed(fitted, X, target, tmp_path / 'm')['parity']['maxAbsDifference'] <= 1e-6


@pytest.mark.parametrize(('make', 'words'), [
    (lambda piped: RidgeClassifier(), 'CalibratedClassifierCV'),
    (lambda piped: HistGradientBoostingClassifier(max_iter=2, categorical_features=[0]), 'native categories'),
    (lambda piped: TransformedTargetRegressor(Ridge(), func=np.sqrt, inverse_func=np.square), 'log1p'),
    (lambda piped: make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()), 'take the step out'),
])
def test_what_cannot_be_packed_is_refused_with_a_way_out(make, words, sample, score, piped, tmp_path):
    X, y = sample[['visits']], (score > np.median(score)).astype(int)
    with pytest.raises(PackError, match=words):
        pack(make(piped).fit(X, y), X, y, name='tried', version='1.0.0', out=tmp_path / 'm')
    assert not (tmp_path / 'm').exists()


def test_a_range_stands_for_five_rows():
    assert covered_range(np.arange(100.0), True) == (4, 95)


def test_the_command_asks_for_trust(sample, score, piped, tmp_path, capsys):
    data = sample.assign(left=score > np.median(score))
    data.to_csv('train.csv', index=False)
    joblib.dump(piped(LogisticRegression()).fit(sample, data['left']), 'model.joblib')
    line = ['model.joblib', '--data', 'train.csv', '--target', 'left', '--out', 'leavers', '--json']
    assert main(line) == 1
    assert '--trusted' in json.loads(capsys.readouterr().out)['error']
    assert main([*line, '--trusted']) == 0
    assert json.loads(capsys.readouterr().out)['largestDifference'] <= 1e-6
