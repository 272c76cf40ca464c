"""Reads the trees out of a fitted XGBClassifier."""

import json
from dataclasses import dataclass, replace

import numpy as np
from xgboost import XGBClassifier

from errors import ModelError


@dataclass(frozen=True)
class Tree:
    """One regression tree; arrays of one entry a node, node 0 is the root.

    A row goes left when x < threshold, and left or right as `missing_left` says when x is NaN. A leaf has left -1, and
    its weight (log-odds) in `threshold`. Thresholds and weights are float32, as in the booster.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    missing_left: np.ndarray


@dataclass(frozen=True)
class Ensemble:
    """Log-odds = sum of the trees' leaves. The booster's base score is already in the leaves of the first tree.

    xgboost starts from the base score and adds the trees in their order, in float32. The graph's operator would add its
    base value last: another rounding, up to 4e-6 of log-odds over 300 trees. With the base in the first tree both
    make the same additions in the same order, and the sums agree to the last bit.
    """

    trees: list[Tree]


def read_ensemble(model: XGBClassifier) -> Ensemble:
    """The trees that predict_proba uses. Raises ModelError for a booster that is not plain binary gradient boosting."""
    booster = model.get_booster()
    learner = json.loads(booster.save_raw('json'))['learner']
    objective = learner['objective']['name']
    if objective != 'binary:logistic':
        raise ModelError(f'the objective must be binary:logistic, not {objective}')
    kind = learner['gradient_booster']['name']
    if kind != 'gbtree':
        raise ModelError(f'the booster must be gbtree, not {kind}')
    if any(kind == 'c' for kind in booster.feature_types or []):
        raise ModelError('the booster splits on categories natively: only numeric splits can be converted')

    forest = learner['gradient_booster']['model']
    trees = forest['trees']
    best = booster.attr('best_iteration')
    if best is not None:
        # With early stopping, predict_proba reads the rounds up to the best one only.
        trees = trees[: forest['iteration_indptr'][int(best) + 1]]
    if not trees:
        raise ModelError('the booster has no trees')
    base = _margin(learner['learner_model_param']['base_score'])
    first, *others = [_tree(tree) for tree in trees]
    return Ensemble([_add_to_leaves(first, base), *others])


def _tree(tree: dict) -> Tree:
    if any(tree['split_type']):
        raise ModelError('the booster splits on categories natively: only numeric splits can be converted')
    return Tree(
        left=np.array(tree['left_children'], np.int64),
        right=np.array(tree['right_children'], np.int64),
        feature=np.array(tree['split_indices'], np.int64),
        threshold=np.array(tree['split_conditions'], np.float32),
        missing_left=np.array(tree['default_left'], bool),
    )


def _add_to_leaves(tree: Tree, weight: np.float32) -> Tree:
    return replace(tree, threshold=np.where(tree.left < 0, tree.threshold + weight, tree.threshold))


def _margin(base_score: str) -> np.float32:
    """The log-odds of base_score, a probability. xgboost 3 writes it as a vector of one entry: "[1.6E-1]"."""
    values = np.atleast_1d(np.array(json.loads(base_score), np.float32))
    if values.shape != (1,):
        raise ModelError('the booster has several outputs')
    return np.float32(-np.log(np.float32(1) / values[0] - np.float32(1)))
