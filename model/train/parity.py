"""Compares the graph, run by ONNX Runtime, with the pipeline in Python."""

from dataclasses import dataclass

import numpy as np
import onnxruntime
import pandas as pd

import made_up_rows
import pipeline
import schema
from errors import ModelError
from export_onnx import CATEGORICAL_INPUT, NUMERIC_INPUT, OUTPUT, Graph
from pipeline import Pair
from trees import read_ensemble

TOLERANCE = 1e-6
ROWS = 10_000


@dataclass(frozen=True)
class Parity:
    """report: what parity.json holds. frame, strata, expected: the made-up rows and the pipeline's probabilities."""

    report: dict
    frame: pd.DataFrame
    strata: np.ndarray
    expected: np.ndarray

    @property
    def passed(self) -> bool:
        return self.report['maxAbsDifference'] <= TOLERANCE and self.report['labelFlips'] == 0

    def require(self) -> None:
        """Raises ModelError unless the graph gives the pipeline's answers."""
        if not self.passed:
            raise ModelError(
                f'the graph differs from the pipeline: max difference {self.report["maxAbsDifference"]:.3g} '
                f'(at most {TOLERANCE:g}), {self.report["labelFlips"]} labels flipped. Nothing was written.'
            )


def run_graph(graph: Graph, frame: pd.DataFrame) -> np.ndarray:
    """Probabilities of the graph, float32 [rows], from raw features."""
    options = onnxruntime.SessionOptions()
    # One thread, as in the service: with several, a single row's trees would be summed in another order.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.bytes, options, providers=['CPUExecutionProvider'])
    return session.run([OUTPUT], tensors(graph, frame))[0]


def tensors(graph: Graph, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """The graph's inputs, string [rows, c] and float32 [rows, n]."""
    inputs = {}
    if graph.categorical:
        inputs[CATEGORICAL_INPUT] = frame[list(graph.categorical)].to_numpy(object)
    if graph.numeric:
        inputs[NUMERIC_INPUT] = frame[list(graph.numeric)].to_numpy(np.float32)
    return inputs


def compare(pair: Pair, graph: Graph, features: list[schema.Feature], threshold: float, seed: int,
            rows: int = ROWS) -> Parity:
    """Run both over made-up rows; labels are compared at `threshold`, inclusive."""
    frame, strata = made_up_rows.make_rows(features, pair.columns, read_ensemble(pair.model), rows, seed)
    expected = pipeline.predict(pair, frame)
    difference = np.abs(run_graph(graph, frame).astype(np.float64) - expected)
    # A NaN must not pass as "not larger than the tolerance".
    difference = np.where(np.isnan(difference), np.inf, difference)
    flips = (run_graph(graph, frame).astype(np.float64) >= threshold) != (expected.astype(np.float64) >= threshold)
    report = {
        'rows': rows,
        'seed': seed,
        'tolerance': TOLERANCE,
        'threshold': threshold,
        'maxAbsDifference': float(difference.max()),
        'labelFlips': int(flips.sum()),
        'predictedPositive': int((expected.astype(np.float64) >= threshold).sum()),
        'strata': {
            str(stratum): {
                'rows': int((strata == stratum).sum()),
                'maxAbsDifference': float(difference[strata == stratum].max()),
                'labelFlips': int(flips[strata == stratum].sum()),
            }
            for stratum in pd.unique(strata)
        },
    }
    return Parity(report, frame, strata, expected)
