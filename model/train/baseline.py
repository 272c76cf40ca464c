"""Histograms of the training data, to compare live traffic with. Each bin stands for five people or more, or for nobody."""

import numpy as np
import pandas as pd

import disclosure
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
        return {'counts': disclosure.safe_counts({value: int((values == value).sum()) for value in feature.values})}
    numbers = values.to_numpy()
    return _histogram(numbers, _edges(numbers, feature))


def _edges(numbers: np.ndarray, feature: schema.Numeric) -> np.ndarray:
    whole = feature.type == 'integer'
    low, high = disclosure.covered_range(numbers, whole)
    quantiles = np.quantile(numbers, np.linspace(0, 1, QUANTILE_BINS + 1)[1:-1])
    if not whole:
        inner = disclosure.rounded_edges(quantiles, numbers)
        return np.unique([low, *inner[(inner > low) & (inner < high)], high])
    # Half-way between whole numbers: no value sits on an edge.
    if high - low < UNIT_BINS:
        return np.arange(low - 0.5, high + 1)
    inner = np.floor(quantiles) + 0.5
    return np.unique([low - 0.5, *inner[(inner > low) & (inner < high)], high + 0.5])


def _histogram(numbers: np.ndarray, edges: np.ndarray) -> dict:
    """Numbers outside the edges are counted in the bin at that end, as the service counts live ones."""
    counts, _ = np.histogram(np.clip(numbers, edges[0], edges[-1]), edges)
    edges, counts = disclosure.merge_bins(edges, counts)
    return {
        'edges': [int(edge) if edge.is_integer() else float(edge) for edge in edges],
        'counts': [int(count) for count in counts],
    }
