"""The published graph in the native ONNX Runtime, one thread: the graph is too small to gain by more."""

from pathlib import Path

import numpy as np
import onnxruntime
from record import CATEGORICAL, CONTRACT, NUMERIC, Record

_options = onnxruntime.SessionOptions()
_options.intra_op_num_threads = 1
_session = onnxruntime.InferenceSession(
    Path(__file__).parents[2] / 'model' / CONTRACT['graph']['file'], _options, providers=['CPUExecutionProvider']
)


def score(records: list[Record]) -> list[float]:
    feeds = {
        'categorical': np.array([[getattr(record, name) for name in CATEGORICAL] for record in records], dtype=object),
        'numeric': np.array([[getattr(record, name) for name in NUMERIC] for record in records], dtype=np.float32),
    }
    return _session.run(['probability'], feeds)[0].tolist()
