"""Writes a tiny second model: another domain, another graph, three features. For the tests of whatever reads contracts.

    python tiny_model.py --out DIR

It says how likely a machine is to break down, from hours since its service, its age and where it stands. The weights
are made up; nothing is trained. Its graph has one input of each type, and the same bytes come out every time.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import json_text
from errors import ModelError, run

NAME = 'machine-breakdown'
VERSION = '0.1.0'
# Log-odds = hours * 0.004 + seniority * 0.15 + (1.1 outdoors) - 3.2.
WEIGHTS = {'site': {'indoor': 0.0, 'outdoor': 1.1}, 'hours': 0.004, 'seniority': 0.15, 'base': -3.2}
THRESHOLD = 0.4
TOLERANCE = 1e-6
OPSETS = {'ai.onnx': 17, 'ai.onnx.ml': 3}

# hours (number), seniority (whole number), site: the order of the contract's features.
ROWS: list[list[float | int | str]] = [
    [0, 0, 'indoor'], [0, 0, 'outdoor'], [0.5, 1, 'indoor'], [120.25, 3, 'outdoor'], [250, 5, 'indoor'],
    [250, 5, 'outdoor'], [400.1, 12, 'indoor'], [512, 2, 'outdoor'], [799.99, 20, 'indoor'], [800, 20, 'outdoor'],
    [1000, 40, 'indoor'], [1000, 40, 'outdoor'], [33.333333333333336, 7, 'outdoor'], [640, 0, 'indoor'],
]


def graph() -> bytes:
    """Inputs site string [rows, 1], hours float32 [rows, 1], seniority int64 [rows, 1]; output risk float32 [rows]."""
    sites = WEIGHTS['site']
    nodes = [
        helper.make_node(
            'LabelEncoder', ['site'], ['site_log_odds'], domain='ai.onnx.ml',
            keys_strings=list(sites), values_floats=list(sites.values()), default_float=float('nan'),
        ),
        helper.make_node('Cast', ['seniority'], ['years'], to=TensorProto.FLOAT),
        helper.make_node('Concat', ['site_log_odds', 'hours', 'years'], ['columns'], axis=1),
        helper.make_node('Gemm', ['columns', 'weights', 'base'], ['log_odds']),
        helper.make_node('Sigmoid', ['log_odds'], ['column']),
        helper.make_node('Squeeze', ['column', 'axes'], ['risk']),
    ]
    weights = np.array([[1.0], [WEIGHTS['hours']], [WEIGHTS['seniority']]], np.float32)
    constants = [
        numpy_helper.from_array(weights, 'weights'),
        numpy_helper.from_array(np.array([WEIGHTS['base']], np.float32), 'base'),
        numpy_helper.from_array(np.array([1], np.int64), 'axes'),
    ]
    inputs = [
        helper.make_tensor_value_info(name, kind, ['rows', 1])
        for name, kind in (('site', TensorProto.STRING), ('hours', TensorProto.FLOAT), ('seniority', TensorProto.INT64))
    ]
    output = helper.make_tensor_value_info('risk', TensorProto.FLOAT, ['rows'])
    model = helper.make_model(
        helper.make_graph(nodes, NAME, inputs, [output], constants),
        opset_imports=[helper.make_opsetid('' if domain == 'ai.onnx' else domain, n) for domain, n in OPSETS.items()],
        ir_version=8,
    )
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def probability(rows: list[list[float | int | str]]) -> list[float]:
    """The same by numpy, in float64, rounded to float32 at the end."""
    log_odds = np.array([
        hours * WEIGHTS['hours'] + seniority * WEIGHTS['seniority'] + WEIGHTS['site'][site] + WEIGHTS['base']
        for hours, seniority, site in rows
    ])
    return [float(p) for p in (1 / (1 + np.exp(-log_odds))).astype(np.float32)]


def contract(model: bytes) -> dict:
    """The contract of the tiny model. Raises ModelError if the graph does not give numpy's answers."""
    expected = probability(ROWS)
    actual = _run(model, ROWS).astype(np.float64)
    difference = float(np.abs(actual - expected).max())
    flips = int(np.sum((actual >= THRESHOLD) != (np.array(expected) >= THRESHOLD)))
    if not difference <= TOLERANCE or flips:
        raise ModelError(f'the graph differs from numpy by {difference:.3g}, and in {flips} labels')
    example = {'hours': 640, 'seniority': 12, 'site': 'outdoor'}
    return {
        'contractVersion': 1,
        'name': NAME,
        'version': VERSION,
        'title': _text('Pannes de machines', 'Machine breakdowns'),
        'description': _text('Un petit modèle inventé, pour les tests.', 'A small made-up model, for tests.'),
        'license': 'mit',
        'graph': {
            'file': 'model.onnx',
            'sha256': hashlib.sha256(model).hexdigest(),
            'bytes': len(model),
            'opsets': OPSETS,
            'inputs': [
                {'name': 'site', 'type': 'string', 'features': ['site']},
                {'name': 'hours', 'type': 'float32', 'features': ['hours']},
                {'name': 'seniority', 'type': 'int64', 'features': ['seniority']},
            ],
            'output': 'risk',
        },
        'groups': [{'id': 'machine', 'label': _text('Machine', 'Machine')}],
        'features': [
            {
                'name': 'hours', 'label': _text('Heures depuis l’entretien', 'Hours since service'), 'group': 'machine',
                'type': 'number', 'unit': _text('h', 'h'), 'accepted': {'min': 0, 'max': 1000},
                'seen': {'min': 0, 'max': 800},
            },
            {
                'name': 'seniority', 'label': _text('Âge', 'Age'), 'group': 'machine', 'aliases': ['age_years'],
                'type': 'integer', 'unit': _text('ans', 'years'), 'accepted': {'min': 0, 'max': 40},
                'seen': {'min': 0, 'max': 20},
            },
            {
                'name': 'site', 'label': _text('Emplacement', 'Site'), 'group': 'machine', 'type': 'category',
                'categories': [
                    {'value': 'indoor', 'label': _text('Intérieur', 'Indoors')},
                    {'value': 'outdoor', 'label': _text('Extérieur', 'Outdoors'), 'aliases': ['outside']},
                ],
            },
        ],
        'output': {
            'target': {'name': 'broke_down', 'positive': 1, 'negative': 0},
            'positive': {'value': 'breaks', 'label': _text('Panne probable', 'Likely to break down')},
            'negative': {'value': 'runs', 'label': _text('Panne peu probable', 'Likely to run')},
            'threshold': THRESHOLD,
            'thresholdCriterion': _text('Choisi à la main.', 'Chosen by hand.'),
            'bands': [
                {'id': 'low', 'label': _text('Faible', 'Low'), 'from': 0},
                {'id': 'high', 'label': _text('Élevé', 'High'), 'from': THRESHOLD},
            ],
        },
        'parity': {
            'rows': len(ROWS),
            # Rounded up to a tenth of the tolerance: the last bits depend on the processor, and these bytes must not.
            'maxAbsDifference': float(np.ceil(difference * 1e7) / 1e7),
            'labelFlips': flips,
            'tolerance': TOLERANCE,
        },
        'examples': [{
            'label': _text('Vieille machine dehors', 'Old machine outdoors'),
            'input': example,
            'probability': probability([list(example.values())])[0],
        }],
        'golden': [{'values': row, 'probability': p} for row, p in zip(ROWS, expected)],
        'provenance': {
            'trainedAt': '2026-01-01T00:00:00Z',
            'algorithm': 'logistic regression with weights set by hand',
            'packages': {},
            'python': '3',
            'data': {},
        },
    }


def write(out: Path) -> None:
    """Write model.onnx and contract.json into `out`."""
    model = graph()
    text = json_text.dumps(contract(model))
    out.mkdir(parents=True, exist_ok=True)
    (out / 'model.onnx').write_bytes(model)
    (out / 'contract.json').write_text(text, encoding='utf-8', newline='\n')


def _run(model: bytes, rows: list[list[float | int | str]]) -> np.ndarray:
    hours, seniority, site = zip(*rows)
    session = onnxruntime.InferenceSession(model, providers=['CPUExecutionProvider'])
    return session.run(['risk'], {
        'site': np.array(site, object)[:, None],
        'hours': np.array(hours, np.float32)[:, None],
        'seniority': np.array(seniority, np.int64)[:, None],
    })[0]


def _text(fr: str, en: str) -> dict[str, str]:
    return {'fr': fr, 'en': en}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, required=True, help='folder to write model.onnx and contract.json to')
    write(parser.parse_args().out)


if __name__ == '__main__':
    run(main)
