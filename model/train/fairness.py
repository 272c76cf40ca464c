"""How the model treats groups of people: by gender and by age band, from out-of-fold predictions."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from evaluate import CrossValidation

AGE_BANDS = {'< 30': (0, 30), '30–39': (30, 40), '40–49': (40, 50), '≥ 50': (50, 200)}


def by_group(frame: pd.DataFrame, target: np.ndarray, validation: CrossValidation) -> dict[str, dict[str, dict]]:
    """{'genre' | 'age': {group: rates}}; a rate is averaged over the repetitions, None where it is undefined."""
    groups: dict[str, dict[str, np.ndarray]] = {}
    if 'genre' in frame:
        groups['genre'] = {value: (frame['genre'] == value).to_numpy() for value in ('F', 'M')}
    if 'age' in frame:
        age = frame['age'].to_numpy()
        groups['age'] = {name: (low <= age) & (age < high) for name, (low, high) in AGE_BANDS.items()}
    return {
        attribute: {name: _rates(target, validation, member) for name, member in members.items() if member.any()}
        for attribute, members in groups.items()
    }


def _rates(target: np.ndarray, validation: CrossValidation, member: np.ndarray) -> dict[str, float | int | None]:
    left = target[member] == 1
    labels = validation.label[:, member]
    return {
        'rows': int(member.sum()),
        'leavers': int(left.sum()),
        'leavingRate': float(left.mean()),
        'selectionRate': float(labels.mean()),
        'recall': _mean([row[left].mean() for row in labels]) if left.any() else None,
        'precision': _mean([left[row].mean() for row in labels if row.any()]),
        'falsePositiveRate': _mean([row[~left].mean() for row in labels]) if (~left).any() else None,
        'rocAuc': _mean([roc_auc_score(left, row) for row in validation.probability[:, member]])
        if left.any() and (~left).any() else None,
    }


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if len(values) else None
