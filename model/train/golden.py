"""Chooses the golden cases: made-up rows that the service accepts, with the pipeline's probability."""

import numpy as np
import pandas as pd

import schema
from acceptance import refusals
from parity import Parity

# How many rows of each stratum; extremes and categories are chosen to cover every end and every category first.
WANTED = {'extremes': 90, 'categories': 34, 'split-thresholds': 42, 'seen': 50, 'accepted': 34}


def choose(parity: Parity, features: list[schema.Feature]) -> list[dict]:
    """Golden cases, values in the order of `features`; whole numbers are ints, others exact float64."""
    names = [feature.name for feature in features]
    rows = parity.frame.to_dict('records')
    accepted = np.array([not refusals(row, features) for row in rows])
    cases = []
    for stratum, wanted in WANTED.items():
        candidates = np.flatnonzero((parity.strata == stratum) & accepted)
        for i in _spread(parity.frame, candidates, wanted, stratum, features):
            cases.append({
                'values': [plain(rows[i][name]) for name in names],
                # float32 widened to float64: Python prints digits that read back as the same number.
                'probability': float(parity.expected[i]),
            })
    return cases


def plain(value: str | float) -> str | float | int:
    """A value as JSON writes it best: a whole number without ".0"."""
    if isinstance(value, str):
        return value
    return int(value) if float(value).is_integer() else float(value)


def _spread(frame: pd.DataFrame, candidates: np.ndarray, wanted: int, stratum: str,
            features: list[schema.Feature]) -> list[int]:
    """Up to `wanted` of `candidates`: first one row for each thing the stratum is about, then evenly spaced ones."""
    chosen: dict[int, None] = {}
    if stratum == 'extremes':
        for feature in features:
            if isinstance(feature, schema.Numeric):
                column = frame[feature.name].to_numpy()
                ends = {column[candidates].min(), column[candidates].max(), *feature.seen}
                for end in sorted(ends):
                    matching = candidates[column[candidates] == end]
                    if len(matching):
                        chosen[int(matching[len(chosen) % len(matching)])] = None
    if stratum == 'categories':
        for feature in features:
            if isinstance(feature, schema.Categorical):
                for value in feature.values:
                    matching = candidates[frame[feature.name].to_numpy()[candidates] == value]
                    if len(matching):
                        chosen[int(matching[len(chosen) % len(matching)])] = None
    if stratum == 'split-thresholds':
        # Below, at and above the same threshold, in turn: whole triples.
        for start in np.linspace(0, max(len(candidates) // 3 - 1, 0), min(wanted, len(candidates)) // 3).astype(int):
            chosen.update((int(i), None) for i in candidates[3 * start:3 * start + 3])
    for i in np.linspace(0, len(candidates) - 1, min(wanted, len(candidates))).astype(int):
        if len(chosen) >= wanted:
            break
        chosen[int(candidates[i])] = None
    return sorted(chosen)
