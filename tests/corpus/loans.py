"""Fits a small pipeline on made-up loans, exports it as skl2onnx does, and writes it as a version with a contract of version 2.

    python loans.py FOLDER

It has what most pipelines of other people have: one input a column, an imputer, a one-hot encoder that takes unknown categories,
missing values, names with blanks, and an output with a column for each class. The answers of the contract are scikit-learn's.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

RANDOM = np.random.default_rng(7)
ROWS = 800
INCOME, YEARS, HOME, REGION = 'annual income (k€)', 'years employed', 'owns home', 'région'
REGIONS = ['Nord', 'Sud', 'Ouest', '']
NUMBERS = [INCOME, YEARS, HOME]
THRESHOLD = 0.35


def frame(rows: list[list]) -> pd.DataFrame:
    """Records as the pipeline takes them: NaN for a missing number, an empty text for a missing region."""
    data = pd.DataFrame(rows, columns=[INCOME, YEARS, HOME, REGION])
    numbers = data[NUMBERS].astype(object).where(data[NUMBERS].notna(), np.nan).astype(np.float32)
    return pd.concat([numbers, data[[REGION]].fillna('')], axis=1)


def made_up() -> tuple[pd.DataFrame, np.ndarray]:
    # Multiples of a quarter: float32 holds them exactly.
    income = np.round(RANDOM.gamma(4, 12, ROWS) * 4) / 4
    years = RANDOM.integers(0, 31, ROWS).astype(float)
    home = RANDOM.random(ROWS) < 0.4
    region = RANDOM.choice(REGIONS, ROWS, p=[0.4, 0.3, 0.2, 0.1])
    odds = 1.2 - 0.04 * income - 0.05 * years - 0.8 * home + 0.9 * (region == 'Sud')
    income[RANDOM.random(ROWS) < 0.15] = np.nan
    years[RANDOM.random(ROWS) < 0.1] = np.nan
    odds += np.isnan(income)
    rows = list(zip(income, years, home.astype(float), region))
    return frame([list(row) for row in rows]), RANDOM.random(ROWS) < 1 / (1 + np.exp(-odds))


def text(fr: str, en: str) -> dict:
    return {'fr': fr, 'en': en}


def golden_rows() -> list[list]:
    """Every region, an unknown one and a missing one, against missing and given numbers, and the ends of what is accepted."""
    rows = [
        [income, years, home, region]
        for income in (None, 0, 21.5, 48.25, 500)
        for years in (None, 0, 12, 60)
        for home, region in ((True, 'Nord'), (False, 'Sud'), (None, 'Ouest'), (False, None), (True, 'Corse'))
    ]
    return rows


def contract(graph: bytes, inputs: dict[str, str], pipeline, x: pd.DataFrame, difference: float) -> dict:
    rows = golden_rows()
    probabilities = pipeline.predict_proba(frame(rows))[:, 1]
    number = {'group': 'loan', 'type': 'number'}
    return {
        'contractVersion': 2,
        'name': 'loan-default',
        'version': '0.1.0',
        'title': {'en': 'Loan defaults'},
        'description': {'en': 'A small pipeline on made-up loans, for tests.'},
        'license': 'mit',
        'subject': {'singular': text('demande', 'application'), 'plural': text('demandes', 'applications')},
        'graph': {
            'file': 'model.onnx',
            'sha256': hashlib.sha256(graph).hexdigest(),
            'bytes': len(graph),
            'opsets': {'ai.onnx': 15, 'ai.onnx.ml': 3},
            'inputs': [
                {'name': inputs[name], 'type': 'string' if name == REGION else 'float32', 'features': [name]}
                for name in x.columns
            ],
            'output': 'probabilities',
            'outputColumn': 1,
        },
        'groups': [{'id': 'loan', 'label': text('Prêt', 'Loan')}],
        'features': [
            {
                **number, 'name': INCOME, 'label': text('Revenu annuel', 'Annual income'), 'unit': text('k€', 'k€'),
                'accepted': {'min': 0}, 'seen': {'min': float(x[INCOME].min()), 'max': float(x[INCOME].max())},
                'missing': {'graph': 'nan'}, 'changeable': True,
            },
            {
                **number, 'name': YEARS, 'type': 'integer', 'label': text('Ancienneté', 'Years employed'),
                'unit': text('ans', 'years'), 'accepted': {'min': 0, 'max': 60},
                'seen': {'min': int(x[YEARS].min()), 'max': int(x[YEARS].max())},
                'missing': {'graph': 'nan', 'absent': 'missing'},
            },
            {
                'group': 'loan', 'type': 'boolean', 'name': HOME, 'label': text('Propriétaire', 'Owns a home'),
                'values': {'true': {'label': text('Oui', 'Yes')}, 'false': {'label': text('Non', 'No')}},
                'missing': {'graph': 'nan'},
            },
            {
                'group': 'loan', 'type': 'category', 'name': REGION, 'label': text('Région', 'Region'), 'aliases': ['region'],
                'categories': [{'value': it, 'label': {'en': it}} for it in REGIONS if it],
                'unknown': 'warn', 'missing': {'graph': {'token': ''}},
            },
        ],
        'output': {
            'target': {'name': 'default', 'positive': True, 'negative': False},
            'positive': {'value': 'default', 'label': text('Défaut probable', 'Likely to default')},
            'negative': {'value': 'repaid', 'label': text('Remboursement probable', 'Likely to be repaid')},
            'threshold': THRESHOLD,
            'thresholdCriterion': text('Choisi à la main.', 'Chosen by hand.'),
            'bands': [
                {'id': 'low', 'label': text('Faible', 'Low'), 'from': 0},
                {'id': 'high', 'label': text('Élevé', 'High'), 'from': THRESHOLD},
            ],
        },
        'parity': {'rows': ROWS, 'maxAbsDifference': difference, 'labelFlips': 0, 'tolerance': 1e-6},
        'examples': [{
            'label': text('Revenu inconnu', 'Income not known'),
            'input': {INCOME: None, YEARS: 3, HOME: False, REGION: 'Sud'},
            'probability': float(pipeline.predict_proba(frame([[None, 3, False, 'Sud']]))[0, 1]),
        }],
        'golden': [{'values': row, 'probability': float(p)} for row, p in zip(rows, probabilities)],
        'provenance': {
            'trainedAt': '2026-01-01T00:00:00Z',
            'algorithm': 'scikit-learn: SimpleImputer, StandardScaler, OneHotEncoder, GradientBoostingClassifier',
            'packages': {},
            'python': '3',
            'data': {},
        },
    }


def main() -> None:
    folder = Path(sys.argv[1])
    x, y = made_up()
    pipeline = make_pipeline(
        ColumnTransformer([
            ('numbers', make_pipeline(SimpleImputer(strategy='median', add_indicator=False), StandardScaler()), NUMBERS),
            ('region', OneHotEncoder(handle_unknown='ignore'), [REGION]),
        ]),
        GradientBoostingClassifier(n_estimators=12, max_depth=2, random_state=0),
    ).fit(x, y)
    model = convert_sklearn(
        pipeline,
        initial_types=[(name, StringTensorType([None, 1]) if name == REGION else FloatTensorType([None, 1])) for name in x],
        options={id(pipeline): {'zipmap': False}},
        target_opset={'': 15, 'ai.onnx.ml': 3},
    )
    graph = model.SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(graph, providers=['CPUExecutionProvider'])
    # The converter spells the names of its inputs otherwise, in the same order.
    inputs = dict(zip(x.columns, (it.name for it in model.graph.input)))
    feeds = {inputs[name]: x[[name]].to_numpy(str if name == REGION else np.float32) for name in x}
    actual = session.run(['probabilities'], feeds)[0][:, 1]
    difference = float(np.abs(actual - pipeline.predict_proba(x)[:, 1]).max())
    if not difference <= 1e-6:
        raise SystemExit(f'the graph differs from the pipeline by {difference}')
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'model.onnx').write_bytes(graph)
    described = contract(graph, inputs, pipeline, x, float(np.ceil(difference * 1e7) / 1e7))
    (folder / 'contract.json').write_text(json.dumps(described, ensure_ascii=False, indent=1) + '\n', encoding='utf-8')


main()
