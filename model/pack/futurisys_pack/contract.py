"""Writes what was found out as contract.json and README.md."""

import hashlib
import platform
from datetime import datetime, timezone
from importlib import metadata
from typing import Any

import numpy as np

from .answers import Model
from .columns import Column
from .graph import Exported
from .parity import Parity

PACKAGES = ('numpy', 'onnx', 'onnxruntime', 'pandas', 'scikit-learn', 'skl2onnx')


def spell(label: Any) -> str:
    """A class as the text of a label."""
    return str(label).lower() if isinstance(label, bool) else str(label)


def text(words: str) -> dict:
    return {'en': words}


def describe_feature(column: Column, token: str) -> dict:
    feature: dict = {'name': column.name, 'type': column.kind, 'label': text(column.name), 'group': 'features'}
    if column.seen is not None:
        feature['accepted'] = {} if column.least is None else {'min': column.least}
        number = int if column.kind == 'integer' else float
        feature['seen'] = {'min': number(column.seen[0]), 'max': number(column.seen[1])}
    elif column.kind == 'boolean':
        feature['values'] = {'true': {'label': text('Yes')}, 'false': {'label': text('No')}}
    else:
        feature['categories'] = [{'value': it, 'label': text(it)} for it in column.categories]
        feature['unknown'] = 'warn' if column.takes_unknown else 'refuse'
    if column.missing is not None:
        feature['missing'] = {'graph': {'token': token} if column.is_text else 'nan'}
    return feature


def describe_output(model: Model, target: str, positive: int, threshold: float, criterion: str, values: np.ndarray) -> dict:
    classes = model.classes
    if classes is None:
        spread = float(values.max() - values.min())
        decimals = 0 if spread == 0 else int(np.clip(2 - np.floor(np.log10(spread)), 0, 10))
        low, high = float(values.min()), float(values.max())
        return {'kind': 'regression', 'target': {'name': target}, 'decimals': decimals, 'seen': {'min': low, 'max': high}}
    labels = [{'value': spell(it), 'label': text(spell(it))} for it in classes]
    if len(classes) > 2:
        return {'kind': 'multiclass', 'target': {'name': target, 'labels': list(classes)}, 'labels': labels}
    return {
        'kind': 'binary',
        'target': {'name': target, 'positive': classes[positive], 'negative': classes[1 - positive]},
        'positive': labels[positive],
        'negative': labels[1 - positive],
        'threshold': threshold,
        'thresholdCriterion': text(criterion),
        'bands': [
            {'id': 'low', 'label': text('Below the threshold'), 'from': 0},
            {'id': 'high', 'label': text('From the threshold on'), 'from': threshold},
        ],
    }


def expectation(model: Model, answer: np.ndarray, positive: int) -> dict:
    """What the pipeline answered for one record."""
    if model.classes is None:
        return {'value': float(answer)}
    if len(model.classes) == 2:
        return {'probability': float(answer[positive])}
    return {'probabilities': {spell(it): float(p) for it, p in zip(model.classes, answer)}}


def describe_graph(exported: Exported, model: Model, positive: int) -> dict:
    graph = {
        'file': 'model.onnx',
        'sha256': hashlib.sha256(exported.content).hexdigest(),
        'bytes': len(exported.content),
        'opsets': exported.opsets,
        'inputs': [
            {'name': it.name, 'type': it.type, 'features': [column.name for column in it.columns]} for it in exported.inputs
        ],
        'output': exported.output,
    }
    is_binary = model.classes is not None and len(model.classes) == 2
    return {**graph, 'outputColumn': positive} if is_binary else graph


def describe_parity(parity: Parity, tolerance: float) -> dict:
    return {
        'rows': parity.rows, 'maxAbsDifference': parity.difference, 'labelFlips': parity.flips, 'tolerance': tolerance,
    }


def provenance(model: Model) -> dict:
    steps = getattr(model.fitted, 'steps', [('', model.fitted)])
    return {
        'trainedAt': datetime.now(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'),
        'algorithm': ', '.join(type(step).__name__ for _, step in steps),
        'packages': {it: metadata.version(it) for it in PACKAGES},
        'python': platform.python_version(),
        'data': {},
    }


def card(contract: dict, notes: list[str]) -> str:
    """The model card. A person completes it."""
    kind = contract['output']['kind']
    task = 'tabular-regression' if kind == 'regression' else 'tabular-classification'
    parity = contract['parity']
    rows = [
        f"| `{it['name']}` | {it['type']} | {_range(it)} | {'yes' if 'missing' in it else 'no'} |" for it in contract['features']
    ]
    looks = ['', '## To be looked at', '', *(f'- {note}' for note in notes)] if notes else []
    return '\n'.join([
        '---', f"license: {contract['license']}", 'library_name: onnx', f'pipeline_tag: {task}', '---', '',
        f"# {contract['title']['en']}", '', contract['description']['en'], '',
        f"Version {contract['version']}: {contract['provenance']['algorithm']}, {kind}, target "
        f"`{contract['output']['target']['name']}`.", '',
        f"The graph differs from the pipeline by at most {parity['maxAbsDifference']:.1e} over {parity['rows']} rows.", '',
        '| Feature | Kind | Seen in training | May be missing |', '|---|---|---|---|', *rows, *looks, '',
    ])


def _range(feature: dict) -> str:
    if 'seen' in feature:
        return f"{feature['seen']['min']} to {feature['seen']['max']}"
    return f"{len(feature['categories'])} categories" if 'categories' in feature else 'true, false'
