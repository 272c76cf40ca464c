"""Histograms of the training data, to compare live traffic with. Aggregates only: no row can be read from them."""

import numpy as np
import pandas as pd

import schema

# A whole-number feature with at most this many values gets a bin a value.
UNIT_BINS = 20
QUANTILE_BINS = 12
PROBABILITY_BINS = 20


def baseline(frame: pd.DataFrame, target: np.ndarray, features: list[schema.Feature], out_of_fold: np.ndarray) -> dict:
    """The contract's baseline. out_of_fold: one out-of-fold probability a row, [rows]."""
    return {
        'rows': len(target),
        'positiveRate': float(target.mean()),
        'features': {feature.name: _feature(frame[feature.name], feature) for feature in features},
        'probability': _histogram(out_of_fold, np.round(np.linspace(0, 1, PROBABILITY_BINS + 1), 2)),
    }


def _feature(values: pd.Series, feature: schema.Feature) -> dict:
    if isinstance(feature, schema.Categorical):
        return {'counts': {value: int((values == value).sum()) for value in feature.values}}
    numbers = values.to_numpy()
    return _histogram(numbers, _edges(numbers, feature))


def _edges(numbers: np.ndarray, feature: schema.Numeric) -> np.ndarray:
    low, high = numbers.min(), numbers.max()
    if feature.type == 'number':
        inner = np.round(np.quantile(numbers, np.linspace(0, 1, QUANTILE_BINS + 1)[1:-1]))
        return np.unique([low, *inner, high])
    # Half-way between whole numbers: no value sits on an edge.
    if high - low < UNIT_BINS:
        return np.arange(low - 0.5, high + 1)
    inner = np.floor(np.quantile(numbers, np.linspace(0, 1, QUANTILE_BINS + 1)[1:-1])) + 0.5
    return np.unique([low - 0.5, *inner[inner < high], high + 0.5])


def _histogram(numbers: np.ndarray, edges: np.ndarray) -> dict:
    counts, _ = np.histogram(numbers, edges)
    return {
        'edges': [int(edge) if edge.is_integer() else float(edge) for edge in edges],
        'counts': [int(count) for count in counts],
    }
