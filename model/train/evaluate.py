"""Honest measures: repeated stratified cross-validation, with everything that learns fitted inside each fold."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from category_encoders import TargetEncoder
from joblib import Parallel, delayed
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from xgboost import XGBClassifier

from pipeline import fit_pair, predict

THRESHOLDS = np.round(np.arange(0.05, 0.9501, 0.005), 3)
ECE_BINS = 10
# What --quick changes in the plan below.
QUICK = {'repeats': 2, 'inner_folds': 3}


@dataclass(frozen=True)
class Plan:
    """How much to compute. Folds are stratified and shuffled; every split follows from `seed`."""

    repeats: int = 10
    folds: int = 5
    inner_folds: int = 5
    seed: int = 42

    @property
    def method(self) -> str:
        return (
            f'{self.folds}-fold stratified cross-validation repeated {self.repeats} times (seed {self.seed}); the '
            'encoder and the trees are fitted on the training part of each fold; f1, precision, recall and accuracy of '
            'a fold use a threshold chosen without it, on out-of-fold predictions of an inner '
            f'{self.inner_folds}-fold split of its training part; mean and standard deviation over the '
            f'{self.repeats * self.folds} folds (ece: over the {self.repeats} repetitions, each on all rows)'
        )


@dataclass(frozen=True)
class CrossValidation:
    """probability, label: out-of-fold predictions, [repeats, rows]. metrics: a {mean, std} by name.

    A label comes from its fold's own threshold, chosen without the fold. threshold: the one to publish.
    """

    plan: Plan
    probability: np.ndarray
    label: np.ndarray
    metrics: dict[str, dict[str, float]]
    threshold: float
    fold_thresholds: np.ndarray


def cross_validate(frame: pd.DataFrame, target: np.ndarray, encoder: TargetEncoder, model: XGBClassifier, plan: Plan,
                   progress: Callable[[str], None] = lambda line: None) -> CrossValidation:
    """Fit copies of `encoder` and `model` over and over on raw features `frame` and `target` (0/1, [rows])."""
    rows = len(target)
    probability = np.full((plan.repeats, rows), np.nan, np.float64)
    label = np.zeros((plan.repeats, rows), bool)
    folds: list[dict[str, float]] = []
    thresholds: list[float] = []
    workers = Parallel(n_jobs=os.cpu_count(), return_as='generator')
    jobs = [
        (repeat, train, test)
        for repeat in range(plan.repeats)
        for train, test in _split(plan.folds, plan.seed + repeat, target)
    ]
    results = workers(
        delayed(_outer_fold)(frame, target, encoder, model, train, test, plan.inner_folds, plan.seed + repeat)
        for repeat, train, test in jobs
    )
    for i, ((repeat, _, test), (predicted, threshold)) in enumerate(zip(jobs, results), 1):
        probability[repeat, test] = predicted
        label[repeat, test] = predicted >= threshold
        folds.append(fold_metrics(target[test], predicted, predicted >= threshold))
        thresholds.append(threshold)
        if i % plan.folds == 0:
            progress(f'cross-validation: repetition {i // plan.folds} of {plan.repeats}')

    metrics = {name: _mean_std([fold[name] for fold in folds]) for name in folds[0]}
    metrics['ece'] = _mean_std([expected_calibration_error(target, row) for row in probability])
    return CrossValidation(
        plan, probability, label, metrics, choose_threshold(target, probability), np.array(thresholds)
    )


def shuffled_target_auc(frame: pd.DataFrame, target: np.ndarray, encoder: TargetEncoder, model: XGBClassifier,
                        plan: Plan) -> dict[str, float]:
    """The same procedure on a shuffled target. A ROC AUC far from 0.5 would mean that the folds leak."""
    shuffled = np.random.default_rng(plan.seed).permutation(target)
    scores = []
    for repeat in range(min(plan.repeats, 4)):
        for train, test in _split(plan.folds, plan.seed + repeat, shuffled):
            pair = fit_pair(frame.iloc[train], shuffled[train], encoder, model)
            scores.append(roc_auc_score(shuffled[test], predict(pair, frame.iloc[test])))
    return _mean_std(scores)


def choose_threshold(target: np.ndarray, probability: np.ndarray) -> float:
    """The threshold with the highest F1 of the positive class, averaged over repetitions.

    probability: out-of-fold, [repeats, rows]. Of several best thresholds, the middle one.
    """
    scores = np.array([
        np.mean([_counts(target, row >= threshold)['f1'] for row in probability]) for threshold in THRESHOLDS
    ])
    best = np.flatnonzero(scores >= scores.max() - 1e-12)
    return float(THRESHOLDS[best[len(best) // 2]])


def fold_metrics(target: np.ndarray, probability: np.ndarray, label: np.ndarray) -> dict[str, float]:
    return {
        'rocAuc': float(roc_auc_score(target, probability)),
        'averagePrecision': float(average_precision_score(target, probability)),
        **_counts(target, label),
        'accuracy': float(np.mean(label == target)),
        'brier': float(brier_score_loss(target, probability)),
    }


def calibration_bins(target: np.ndarray, probability: np.ndarray) -> list[dict[str, float]]:
    """Ten bins of equal width over [0, 1]: rows, mean probability and observed rate of each (None if empty)."""
    bins = np.minimum((probability * ECE_BINS).astype(int), ECE_BINS - 1)
    return [
        {
            'from': i / ECE_BINS,
            'to': (i + 1) / ECE_BINS,
            'rows': int((bins == i).sum()),
            'meanProbability': float(probability[bins == i].mean()) if (bins == i).any() else None,
            'observedRate': float(target[bins == i].mean()) if (bins == i).any() else None,
        }
        for i in range(ECE_BINS)
    ]


def expected_calibration_error(target: np.ndarray, probability: np.ndarray) -> float:
    """Mean distance between probability and observed rate over ten bins, weighted by their rows."""
    return float(sum(
        part['rows'] / len(target) * abs(part['meanProbability'] - part['observedRate'])
        for part in calibration_bins(target, probability) if part['rows']
    ))


def _outer_fold(frame: pd.DataFrame, target: np.ndarray, encoder: TargetEncoder, model: XGBClassifier,
                train: np.ndarray, test: np.ndarray, inner_folds: int, seed: int) -> tuple[np.ndarray, float]:
    """Probabilities of the test rows, and a threshold that only the training rows decided."""
    inner = np.full(len(train), np.nan, np.float64)
    for fit, held_out in _split(inner_folds, seed, target[train]):
        pair = fit_pair(frame.iloc[train[fit]], target[train[fit]], encoder, model)
        inner[held_out] = predict(pair, frame.iloc[train[held_out]])
    pair = fit_pair(frame.iloc[train], target[train], encoder, model)
    threshold = choose_threshold(target[train], inner[None, :])
    return predict(pair, frame.iloc[test]).astype(np.float64), threshold


def _split(folds: int, seed: int, target: np.ndarray):
    return StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(target)), target)


def _counts(target: np.ndarray, label: np.ndarray) -> dict[str, float]:
    hits = int(np.sum(label & (target == 1)))
    called = int(np.sum(label))
    positives = int(np.sum(target == 1))
    return {
        'f1': 2 * hits / (called + positives) if called + positives else 0.0,
        'precision': hits / called if called else 0.0,
        'recall': hits / positives if positives else 0.0,
    }


def _mean_std(values: list[float]) -> dict[str, float]:
    return {'mean': float(np.mean(values)), 'std': float(np.std(values, ddof=1)) if len(values) > 1 else 0.0}
