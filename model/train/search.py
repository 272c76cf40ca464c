"""Looks for the trees' parameters over a small grid. pipeline.PARAMETERS records the outcome; training does not search.

    python search.py --data DIR

Every candidate is scored by repeated stratified cross-validation, the encoder fitted inside the folds, over folds of
another seed than those of the published metrics. Candidates are printed from the best mean Brier score on.
"""

import argparse
import itertools
import os
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold

from data import Extracts, read_extracts
from errors import run
from pipeline import fit_pair, new_encoder, new_model, predict

# At most 300 trees: the graph is read by every isolate that starts.
GRID = {
    'shape': [(100, 0.1), (200, 0.06), (200, 0.1), (300, 0.05), (300, 0.08)],
    'max_depth': [2, 3, 4],
    'min_child_weight': [2, 6],
    'reg_lambda': [1, 5],
    'subsample': [0.7],
    'colsample_bytree': [0.3, 0.6],
}


def candidates() -> list[dict]:
    found = []
    for values in itertools.product(*GRID.values()):
        parameters = dict(zip(GRID, values))
        trees, rate = parameters.pop('shape')
        found.append({'n_estimators': trees, 'learning_rate': rate, **parameters})
    return found


def score(extracts: Extracts, parameters: dict, seed: int) -> tuple[float, float, dict]:
    """Mean Brier score (lower is better) and mean ROC AUC over 3 x 5 folds."""
    briers, aucs = [], []
    splitter = RepeatedStratifiedKFold(n_splits=5, n_repeats=3, random_state=seed)
    for train, test in splitter.split(extracts.frame, extracts.target):
        pair = fit_pair(extracts.frame.iloc[train], extracts.target[train], new_encoder(), new_model(seed, parameters))
        probability = predict(pair, extracts.frame.iloc[test])
        briers.append(brier_score_loss(extracts.target[test], probability))
        aucs.append(roc_auc_score(extracts.target[test], probability))
    return float(np.mean(briers)), float(np.mean(aucs)), parameters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='folder of the three extracts (extrait_*.csv)')
    parser.add_argument('--seed', type=int, default=7, help='seed of the folds and trees (default: %(default)s)')
    parser.add_argument('--top', type=int, default=10, help='how many candidates to print (default: %(default)s)')
    options = parser.parse_args()
    extracts = read_extracts(options.data)
    tried = candidates()
    print(f'{len(tried)} candidates, 15 fits each', flush=True)
    results = Parallel(n_jobs=os.cpu_count())(delayed(score)(extracts, one, options.seed) for one in tried)
    for brier, auc, parameters in sorted(results, key=lambda result: result[0])[:options.top]:
        print(f'Brier {brier:.4f}  ROC AUC {auc:.4f}  {parameters}')


if __name__ == '__main__':
    run(main)
