"""The model as a pickled scikit-learn pipeline: pandas in, codes and a TargetEncoder, XGBoost.

The training data is not there to fit one, so it is put together from the published graph: the graph's table of codes becomes the
encoder's, its trees become the booster's. serve_classic.py replays the contract's golden cases through it before it listens.

    python pipeline.py OUT.joblib
"""

import json
import sys
from pathlib import Path

import joblib
import numpy as np
import onnx
import pandas as pd
from category_encoders import TargetEncoder
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from xgboost import XGBClassifier

from record import CATEGORICAL, CONTRACT, NUMERIC

GRAPH = Path(__file__).parents[2] / 'model' / CONTRACT['graph']['file']
COLUMNS = [*CATEGORICAL, *NUMERIC]
# The columns that the training code encodes by the target; the other categories have fixed codes (model/train/schema.py).
TARGET_ENCODED = ['statut_marital', 'departement', 'poste', 'domaine_etude']
NO_PARENT = 2**31 - 1


def map_codes(frame: pd.DataFrame, codes: dict[str, dict[str, float]]) -> pd.DataFrame:
    return frame[COLUMNS].assign(**{name: frame[name].map(table) for name, table in codes.items()})


def build_pipeline() -> Pipeline:
    graph = onnx.load(GRAPH).graph
    operators = {node.op_type: {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute} for node in graph.node}
    tables: dict[str, dict[str, float]] = {name: {} for name in CATEGORICAL}
    labels = operators['LabelEncoder']
    for key, code in zip(labels['keys_strings'], labels['values_floats']):
        name, value = key.decode().split('=', 1)
        tables[name][value] = code
    fixed = {name: tables[name] for name in CATEGORICAL if name not in TARGET_ENCODED}
    return Pipeline([
        ('codes', FunctionTransformer(map_codes, kw_args={'codes': fixed})),
        ('encoder', _encoder({name: tables[name] for name in TARGET_ENCODED})),
        ('model', _booster(operators['TreeEnsembleRegressor'])),
    ])


def _encoder(tables: dict[str, dict[str, float]]) -> TargetEncoder:
    """A fitted encoder whose codes are those of the tables."""
    rows = max(map(len, tables.values()))
    frame = pd.DataFrame(0.0, index=range(rows), columns=COLUMNS)
    for name, table in tables.items():
        frame[name] = [*table, *list(table)[:1] * (rows - len(table))]
    encoder = TargetEncoder(cols=list(tables)).fit(frame, np.arange(rows) % 2)
    for part in encoder.ordinal_encoder.category_mapping:
        table = tables[part['col']]
        for value, ordinal in part['mapping'].items():
            if value in table:
                encoder.mapping[part['col']].loc[ordinal] = table[value]
    return encoder


def _booster(ensemble: dict) -> XGBClassifier:
    """A fitted classifier that holds the trees of a TreeEnsembleRegressor, whose leaves include the base score."""
    trees: dict[int, list[dict]] = {}
    for tree, feature, value, mode, left, right, missing_left in zip(*(
        ensemble[f'nodes_{key}'] for key in (
            'treeids', 'featureids', 'values', 'modes', 'truenodeids', 'falsenodeids', 'missing_value_tracks_true'
        )
    )):
        leaf = mode == b'LEAF'
        trees.setdefault(tree, []).append({
            'feature': feature, 'value': value, 'left': -1 if leaf else left, 'right': -1 if leaf else right,
            'missing_left': missing_left,
        })
    for tree, node, weight in zip(*(ensemble[f'target_{key}'] for key in ('treeids', 'nodeids', 'weights'))):
        trees[tree][node]['value'] = weight

    # A small booster is fitted for its file, in which the trees are replaced.
    sample = pd.DataFrame(np.random.default_rng(0).random((20, len(COLUMNS))), columns=COLUMNS)
    model = XGBClassifier(n_estimators=1, max_depth=1, n_jobs=1, base_score=0.5).fit(sample, np.arange(20) % 2)
    content = json.loads(model.get_booster().save_raw('json'))
    forest = content['learner']['gradient_booster']['model']
    forest['trees'] = [_tree(number, nodes) for number, nodes in sorted(trees.items())]
    forest['tree_info'] = [0] * len(trees)
    forest['iteration_indptr'] = list(range(len(trees) + 1))
    forest['gbtree_model_param']['num_trees'] = str(len(trees))
    model.load_model(bytearray(json.dumps(content).encode()))
    return model.set_params(n_jobs=1)


def _tree(number: int, nodes: list[dict]) -> dict:
    parents = [NO_PARENT] * len(nodes)
    for i, node in enumerate(nodes):
        for child in (node['left'], node['right']):
            if child >= 0:
                parents[child] = i
    values = [node['value'] for node in nodes]
    zeros = [0] * len(nodes)
    return {
        'id': number,
        'left_children': [node['left'] for node in nodes],
        'right_children': [node['right'] for node in nodes],
        'parents': parents,
        'split_indices': [node['feature'] for node in nodes],
        'split_conditions': values,
        'default_left': [node['missing_left'] for node in nodes],
        'split_type': zeros,
        'base_weights': values,
        'loss_changes': [0.0] * len(nodes),
        'sum_hessian': [1.0] * len(nodes),
        'categories': [], 'categories_nodes': [], 'categories_segments': [], 'categories_sizes': [],
        'tree_param': {
            'num_deleted': '0', 'num_feature': str(len(COLUMNS)), 'num_nodes': str(len(nodes)), 'size_leaf_vector': '1',
        },
    }


if __name__ == '__main__':
    # Pickled functions are found by their module's name, which is not "__main__" where the pipeline is loaded.
    import pipeline

    joblib.dump(pipeline.build_pipeline(), sys.argv[1])
