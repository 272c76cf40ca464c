"""Fits a three-class and a regression pipeline on data that scikit-learn ships, and writes each as a version.

    python kinds.py FOLDER

FOLDER/irises and FOLDER/diabetes get model.onnx, contract.json (version 2) and README.md. Any measurement may be missing. The
answers of the contracts are scikit-learn's.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

RANDOM = np.random.default_rng(11)
OPSETS = {'ai.onnx': 15, 'ai.onnx.ml': 3}
GOLDEN = 60


def text(fr: str, en: str) -> dict:
    return {'fr': fr, 'en': en}


def with_gaps(x: pd.DataFrame) -> pd.DataFrame:
    return x.mask(RANDOM.random(x.shape) < 0.08).astype(np.float32)


def export(pipeline, x: pd.DataFrame, classes: bool) -> tuple[bytes, dict[str, str], str, np.ndarray]:
    """The graph with one input a column, the name of each input, and what it answers to x."""
    model = convert_sklearn(
        pipeline,
        initial_types=[(name, FloatTensorType([None, 1])) for name in x],
        options={id(pipeline): {'zipmap': False}} if classes else None,
        target_opset={'': OPSETS['ai.onnx'], 'ai.onnx.ml': OPSETS['ai.onnx.ml']},
    )
    graph = model.SerializeToString(deterministic=True)
    # The converter spells the names of its inputs otherwise, in the same order.
    inputs = dict(zip(x.columns, (it.name for it in model.graph.input)))
    session = onnxruntime.InferenceSession(graph, providers=['CPUExecutionProvider'])
    output = 'probabilities' if classes else model.graph.output[0].name
    answers = session.run([output], {inputs[name]: x[[name]].to_numpy(np.float32) for name in x})[0]
    return graph, inputs, output, answers


def golden_rows(x: pd.DataFrame) -> list[list[float | None]]:
    """Rows of the data, and each measurement at both ends and missing: zero is the least that is accepted."""
    rows = [[None if np.isnan(value) else float(value) for value in row] for row in x.to_numpy()[:: max(1, len(x) // GOLDEN)]]
    first = next(row for row in rows if None not in row)
    for column in range(x.shape[1]):
        rows += [[value if at != column else other for at, value in enumerate(first)] for other in (0.0, float(x.iloc[:, column].max()), None)]
    return rows


def frame(rows: list[list[float | None]], names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=names).astype(np.float32)


def write(folder: Path, graph: bytes, inputs: dict[str, str], output: str, x: pd.DataFrame, more: dict) -> None:
    contract = {
        'contractVersion': 2,
        'version': '0.1.0',
        'license': 'bsd-3-clause',
        'graph': {
            'file': 'model.onnx',
            'sha256': hashlib.sha256(graph).hexdigest(),
            'bytes': len(graph),
            'opsets': OPSETS,
            'inputs': [{'name': inputs[name], 'type': 'float32', 'features': [name]} for name in x],
            'output': output,
        },
        'groups': [{'id': 'measurements', 'label': text('Mesures', 'Measurements')}],
        'features': [
            {
                'name': name, 'type': 'number', 'label': {'en': name}, 'group': 'measurements', 'accepted': {'min': 0},
                'seen': {'min': float(x[name].min()), 'max': float(x[name].max())}, 'missing': {'graph': 'nan'},
            }
            for name in x
        ],
        'provenance': {
            'trainedAt': '2026-01-01T00:00:00Z', 'algorithm': more.pop('algorithm'), 'packages': {}, 'python': '3', 'data': {},
        },
        **more,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'model.onnx').write_bytes(graph)
    (folder / 'contract.json').write_text(json.dumps(contract, ensure_ascii=False, indent=1) + '\n', encoding='utf-8')
    (folder / 'README.md').write_text(f'# {contract["title"]["en"]}\n\nFor tests: made by `tests/corpus/kinds.py`.\n', encoding='utf-8')


def parity(rows: int, difference: float, tolerance: float) -> dict:
    if not difference <= tolerance:
        raise SystemExit(f'the graph differs from the pipeline by {difference}')
    return {'rows': rows, 'maxAbsDifference': float(np.ceil(difference * 1e8) / 1e8), 'labelFlips': 0, 'tolerance': tolerance}


def irises(folder: Path) -> None:
    data = load_iris(as_frame=True)
    x, y, labels = with_gaps(data.data), data.target, [str(name) for name in data.target_names]
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(x, y)
    graph, inputs, output, answers = export(pipeline, x, classes=True)
    rows = golden_rows(x)
    told = lambda values: {label: float(p) for label, p in zip(labels, values)}
    expected = pipeline.predict_proba(frame(rows, list(x)))
    write(folder, graph, inputs, output, x, {
        'name': 'irises', 'title': text('Iris', 'Irises'), 'description': text('Trois espèces.', 'Three species.'),
        'subject': {'singular': text('fleur', 'flower'), 'plural': text('fleurs', 'flowers')},
        'output': {
            'kind': 'multiclass', 'target': {'name': 'species', 'labels': [0, 1, 2]},
            'labels': [{'value': label, 'label': {'en': f'Iris {label}'}} for label in labels],
        },
        'parity': parity(len(x), float(np.abs(answers - pipeline.predict_proba(x)).max()), 1e-6),
        'golden': [{'values': row, 'probabilities': told(p)} for row, p in zip(rows, expected)],
        'examples': [{
            'label': text('Longueur inconnue', 'A length that is not known'),
            'input': dict(zip(x, rows[-1])), 'probabilities': told(expected[-1]),
        }],
        'algorithm': 'scikit-learn: SimpleImputer, StandardScaler, LogisticRegression',
    })


def diabetes(folder: Path) -> None:
    data = load_diabetes(as_frame=True, scaled=False)
    x, y = with_gaps(data.data[['age', 'bmi', 'bp', 's5', 's6']].rename(columns={'bmi': 'body mass index (kg/m²)'})), data.target
    pipeline = make_pipeline(
        SimpleImputer(strategy='median'), GradientBoostingRegressor(n_estimators=15, max_depth=2, random_state=0)
    ).fit(x, y)
    graph, inputs, output, answers = export(pipeline, x, classes=False)
    rows = golden_rows(x)
    expected = pipeline.predict(frame(rows, list(x)))
    predicted = pipeline.predict(x)
    lower, upper = np.quantile(y - predicted, [0.1, 0.9])
    write(folder, graph, inputs, output, x, {
        'name': 'diabetes-progression', 'title': text('Évolution du diabète', 'Progression of diabetes'),
        'description': text('Une mesure un an après.', 'A measure one year later.'),
        'subject': {'singular': text('patient', 'patient'), 'plural': text('patients', 'patients')},
        'output': {
            'kind': 'regression', 'target': {'name': 'progression', 'label': text('Évolution', 'Progression')},
            'unit': text('points', 'points'), 'decimals': 1, 'seen': {'min': float(y.min()), 'max': float(y.max())},
            'interval': {'level': 0.8, 'lower': float(lower), 'upper': float(upper)},
        },
        'parity': parity(len(x), float((np.abs(answers[:, 0] - predicted) / np.maximum(1, np.abs(predicted))).max()), 1e-6),
        'golden': [{'values': row, 'value': float(value)} for row, value in zip(rows, expected)],
        'examples': [{
            'label': text('Glycémie inconnue', 'Blood sugar not known'),
            'input': dict(zip(x, rows[-1])), 'value': float(expected[-1]),
        }],
        'algorithm': 'scikit-learn: SimpleImputer, GradientBoostingRegressor',
    })


folder = Path(sys.argv[1])
irises(folder / 'irises')
diabetes(folder / 'diabetes')
