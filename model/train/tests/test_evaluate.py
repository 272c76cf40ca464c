import numpy as np
import pandas as pd
import pytest
from category_encoders import TargetEncoder
from sklearn.metrics import roc_auc_score

import evaluate
import fairness
import pipeline
from evaluate import Plan, cross_validate
from pipeline import new_model

PLAN = Plan(repeats=2, folds=4, inner_folds=3, seed=0)


@pytest.fixture(scope='module')
def noise():
    """A position that nobody shares, and a target that nothing explains: only a leak can predict it."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({'poste': [f'p{i}' for i in range(400)], 'age': random.integers(18, 60, 400).astype(float)})
    return frame, random.integers(0, 2, 400)


def encoder():
    return TargetEncoder(cols=['poste'])


def test_the_encoder_never_sees_the_rows_that_are_scored(noise):
    frame, target = noise
    scored = cross_validate(frame, target, encoder(), new_model(0, {'n_estimators': 20}), PLAN)
    assert scored.metrics['rocAuc']['mean'] < 0.6
    # What the mistake would give, so that the assertion above is known to catch it.
    leaky = frame.assign(poste=encoder().fit(frame, target).transform(frame)['poste'])
    cheated = []
    for train, test in evaluate._split(4, 0, target):
        model = new_model(0, {'n_estimators': 20}).fit(leaky.iloc[train], target[train])
        cheated.append(roc_auc_score(target[test], model.predict_proba(leaky.iloc[test])[:, 1]))
    assert np.mean(cheated) > 0.95


def test_a_fold_fits_and_chooses_its_threshold_on_training_rows_only(monkeypatch, noise):
    frame, target = noise
    test = np.arange(0, 100)
    train = np.arange(100, 400)
    fitted, thresholds_from = [], []
    original = evaluate.fit_pair, evaluate.choose_threshold
    monkeypatch.setattr(evaluate, 'fit_pair', lambda f, t, e, m: fitted.append(set(f.index)) or original[0](f, t, e, m))
    monkeypatch.setattr(
        evaluate, 'choose_threshold', lambda t, p: thresholds_from.append((t, p.copy())) or original[1](t, p)
    )
    evaluate._outer_fold(frame, target, encoder(), new_model(0, {'n_estimators': 5}), train, test, 3, 0)
    assert len(fitted) == 4
    assert all(rows <= set(train) for rows in fitted)
    [(known, probability)] = thresholds_from
    assert np.array_equal(known, target[train])
    assert probability.shape == (1, 300) and not np.isnan(probability).any()


def test_every_row_is_predicted_once_a_repetition_and_learnable_data_is_learned(employees):
    frame, left = employees
    lines = []
    result = cross_validate(
        frame, left, pipeline.new_encoder(), new_model(0, {'n_estimators': 30, 'max_depth': 2}), PLAN, lines.append
    )
    assert result.probability.shape == (2, len(left)) and not np.isnan(result.probability).any()
    assert result.metrics['rocAuc']['mean'] > 0.7 and result.metrics['rocAuc']['std'] > 0
    assert len(result.fold_thresholds) == 8 and result.threshold in evaluate.THRESHOLDS
    assert lines[-1] == 'cross-validation: repetition 2 of 2'
    again = cross_validate(
        frame, left, pipeline.new_encoder(), new_model(0, {'n_estimators': 30, 'max_depth': 2}), PLAN
    )
    assert again.metrics == result.metrics and again.threshold == result.threshold

    groups = fairness.by_group(frame, left, result)
    for rates in groups.values():
        assert sum(group['rows'] for group in rates.values()) == len(left)
        assert sum(group['leavers'] for group in rates.values()) == left.sum()
    women = (frame['genre'] == 'F').to_numpy()
    assert groups['genre']['F']['selectionRate'] == pytest.approx(result.label[:, women].mean())
    assert groups['genre']['F']['recall'] == pytest.approx(result.label[:, women & (left == 1)].mean())


def test_threshold_maximises_f1():
    target = np.array([0, 0, 0, 1, 1])
    probability = np.array([[0.1, 0.2, 0.3, 0.5, 0.9]])
    assert 0.3 < evaluate.choose_threshold(target, probability) <= 0.5


def test_expected_calibration_error_by_hand():
    # Bin 0.0-0.1: mean 0.05, rate 0.5 (2 rows); bin 0.9-1.0: mean 1.0, rate 1.0 (2 rows, the upper edge included).
    target = np.array([0, 1, 1, 1])
    probability = np.array([0.05, 0.05, 1.0, 1.0])
    assert evaluate.expected_calibration_error(target, probability) == pytest.approx(0.225)


def test_metrics_by_hand():
    target = np.array([1, 1, 0, 0])
    metrics = evaluate.fold_metrics(target, np.array([0.9, 0.2, 0.6, 0.1]), np.array([True, False, True, False]))
    assert (metrics['f1'], metrics['precision'], metrics['recall'], metrics['accuracy']) == (0.5, 0.5, 0.5, 0.5)
    assert metrics['rocAuc'] == 0.75 and metrics['brier'] == pytest.approx((0.01 + 0.64 + 0.36 + 0.01) / 4)
