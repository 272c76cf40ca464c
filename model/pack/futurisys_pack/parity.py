"""Compares a graph with the pipeline that it was made of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .graph import Exported

# What the contract allows for, and what is aimed at.
TOLERANCES = (1e-6, 1e-5)


@dataclass(frozen=True)
class Parity:
    rows: int
    # Of probabilities; relative of values above 1.
    difference: float
    flips: int
    # The row that differs most.
    worst: int

    @property
    def tolerance(self) -> float | None:
        """The smallest tolerance that the graph keeps; None if it keeps none."""
        return next((it for it in TOLERANCES if self.difference <= it), None)


def compare(exported: Exported, frame: pd.DataFrame, expected: np.ndarray, labels) -> Parity:
    """labels: gives the label of each row of answers; None of a regression."""
    actual = exported.run(frame)
    if actual.shape != expected.shape:
        raise ValueError(f'the graph answers {actual.shape}, and the pipeline {expected.shape}')
    scale = np.maximum(1, np.abs(expected)) if labels is None else 1
    distances = np.nan_to_num(np.abs(actual - expected) / scale, nan=np.inf)
    if labels is not None and not ((actual >= 0) & (actual <= 1)).all():
        distances[:] = np.inf
    each = distances if distances.ndim == 1 else distances.max(axis=1)
    flips = 0 if labels is None else int((labels(actual) != labels(expected)).sum())
    return Parity(len(frame), float(each.max()), flips, int(each.argmax()))
