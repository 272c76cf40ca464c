"""Turns a pair into one ONNX graph, preprocessing included.

    categorical string [rows, c]                      numeric float32 [rows, n]
      StringConcat   "poste=" + "Manager": the same word may occur in several columns
      LabelEncoder   one table of codes for all columns, NaN where the word is unknown
      IsNaN, Where   unknown -> the column's own code (the encoder's prior, or NaN: missing to the trees)
      Concat  <---------------------------------------------
      TreeEnsembleRegressor  log-odds [rows, 1]
      Sigmoid, Squeeze       probability float32 [rows]

The number of nodes does not grow with the number of columns.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import pair as pairs
import schema
from pipeline import Pair
from trees import Ensemble, read_ensemble

# ai.onnx 20 brings StringConcat; ai.onnx.ml 3 has the classic tree operator. Both run in onnxruntime-web 1.30.
OPSETS = {'ai.onnx': 20, 'ai.onnx.ml': 3}
IR_VERSION = 9
CATEGORICAL_INPUT = 'categorical'
NUMERIC_INPUT = 'numeric'
OUTPUT = 'probability'


@dataclass(frozen=True)
class Graph:
    """A graph's bytes, and the features that are the columns of its two inputs, in order."""

    bytes: bytes
    categorical: tuple[str, ...]
    numeric: tuple[str, ...]


def export_graph(pair: Pair, name: str, version: str) -> Graph:
    """The graph of a pair; the same pair, name and version give the same bytes. Raises ModelError."""
    # The schema's order, so that it does not depend on the order in which the booster was trained.
    used = [feature for feature in schema.FEATURES if feature.name in pair.columns]
    categorical = tuple(feature.name for feature in used if isinstance(feature, schema.Categorical))
    numeric = tuple(feature.name for feature in used if isinstance(feature, schema.Numeric))

    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    inputs: list[onnx.ValueInfoProto] = []
    parts: list[str] = []
    if categorical:
        inputs.append(_matrix(CATEGORICAL_INPUT, TensorProto.STRING, len(categorical)))
        encoding, tables = _encoding(pair, categorical)
        nodes += encoding
        constants += tables
        parts.append('encoded')
    if numeric:
        inputs.append(_matrix(NUMERIC_INPUT, TensorProto.FLOAT, len(numeric)))
        parts.append(NUMERIC_INPUT)
    nodes.append(helper.make_node('Concat', parts, ['columns'], axis=1))
    position = {column: i for i, column in enumerate([*categorical, *numeric])}
    nodes.append(_trees(read_ensemble(pair.model), [position[column] for column in pair.columns]))
    nodes.append(helper.make_node('Sigmoid', ['log_odds'], ['column']))
    constants.append(numpy_helper.from_array(np.array([1], np.int64), 'axes'))
    nodes.append(helper.make_node('Squeeze', ['column', 'axes'], [OUTPUT]))

    graph = helper.make_graph(
        nodes, name, inputs, [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ['rows'])], constants
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid('' if domain == 'ai.onnx' else domain, n) for domain, n in OPSETS.items()],
        ir_version=IR_VERSION,
        producer_name=name,
        producer_version=version,
    )
    helper.set_model_props(model, {'name': name, 'version': version})
    onnx.checker.check_model(model, full_check=True)
    return Graph(model.SerializeToString(deterministic=True), categorical, numeric)


def _matrix(name: str, kind: int, columns: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, ['rows', columns])


def _encoding(pair: Pair, columns: tuple[str, ...]) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    words: list[str] = []
    numbers: list[float] = []
    unknown: list[np.float32] = []
    for column in columns:
        table, default = pairs.codes(pair, column)
        words += [f'{column}={value}' for value in table]
        numbers += [float(code) for code in table.values()]
        unknown.append(default)
    # A feature's name holds no "=", so a key belongs to one column only.
    prefixes = helper.make_tensor(
        'prefixes', TensorProto.STRING, [1, len(columns)], [f'{column}='.encode() for column in columns]
    )
    defaults = numpy_helper.from_array(np.array([unknown], np.float32), 'unknown_codes')
    return [
        helper.make_node('StringConcat', ['prefixes', CATEGORICAL_INPUT], ['keys']),
        helper.make_node(
            'LabelEncoder', ['keys'], ['codes'], domain='ai.onnx.ml',
            keys_strings=words, values_floats=numbers, default_float=float('nan'),
        ),
        helper.make_node('IsNaN', ['codes'], ['is_unknown']),
        helper.make_node('Where', ['is_unknown', 'unknown_codes', 'codes'], ['encoded']),
    ], [prefixes, defaults]


def _trees(ensemble: Ensemble, column_of: list[int]) -> onnx.NodeProto:
    """The tree operator. column_of: the column of the matrix that holds each of the booster's features."""
    nodes: dict[str, list] = {key: [] for key in (
        'treeids', 'nodeids', 'featureids', 'values', 'modes', 'truenodeids', 'falsenodeids', 'missing_value_tracks_true'
    )}
    leaf_trees: list[int] = []
    leaf_nodes: list[int] = []
    weights: list[float] = []
    for tree_id, tree in enumerate(ensemble.trees):
        for node_id in range(len(tree.left)):
            leaf = tree.left[node_id] < 0
            nodes['treeids'].append(tree_id)
            nodes['nodeids'].append(node_id)
            nodes['featureids'].append(0 if leaf else column_of[tree.feature[node_id]])
            nodes['values'].append(0.0 if leaf else float(tree.threshold[node_id]))
            nodes['modes'].append('LEAF' if leaf else 'BRANCH_LT')
            nodes['truenodeids'].append(0 if leaf else int(tree.left[node_id]))
            nodes['falsenodeids'].append(0 if leaf else int(tree.right[node_id]))
            nodes['missing_value_tracks_true'].append(0 if leaf else int(tree.missing_left[node_id]))
            if leaf:
                leaf_trees.append(tree_id)
                leaf_nodes.append(node_id)
                weights.append(float(tree.threshold[node_id]))
    return helper.make_node(
        'TreeEnsembleRegressor', ['columns'], ['log_odds'], domain='ai.onnx.ml',
        n_targets=1, aggregate_function='SUM', post_transform='NONE',
        target_treeids=leaf_trees, target_nodeids=leaf_nodes, target_ids=[0] * len(weights), target_weights=weights,
        **{f'nodes_{key}': values for key, values in nodes.items()},
    )
