"""Converts scikit-learn's histogram gradient boosting. skl2onnx rounds its thresholds, which are float64, to float32."""

from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from .errors import PackError

# The first opset of ai.onnx.ml with thresholds in float64.
ML_OPSET = 3


def register() -> None:
    """Tells skl2onnx to convert these models so."""
    zipmap = {'zipmap': [True, False, 'columns'], 'raw_scores': [True, False], 'nocl': [True, False], 'output_class_labels': [False, True]}
    update_registered_converter(
        HistGradientBoostingClassifier, 'FuturisysHistogramClassifier', _classifier_shape, _convert_classifier, options=zipmap,
    )
    update_registered_converter(HistGradientBoostingRegressor, 'FuturisysHistogramRegressor', _regressor_shape, _convert_regressor)


def _classifier_shape(operator) -> None:
    classes = len(operator.raw_operator.classes_)
    operator.outputs[0].type = Int64TensorType([None])
    operator.outputs[1].type = FloatTensorType([None, classes])


def _regressor_shape(operator) -> None:
    operator.outputs[0].type = FloatTensorType([None, 1])


def _convert_classifier(scope, operator, container) -> None:
    model = operator.raw_operator
    scores = _scores(scope, operator, container, model)
    probabilities = operator.outputs[1].full_name
    if len(model.classes_) == 2:
        positive, negated, negative = (scope.get_unique_variable_name(it) for it in ('positive', 'negated', 'negative'))
        # A sigmoid of the negated score keeps the digits that 1 - p would lose.
        container.add_node('Sigmoid', [scores], [positive], op_version=13)
        container.add_node('Neg', [scores], [negated], op_version=13)
        container.add_node('Sigmoid', [negated], [negative], op_version=13)
        container.add_node('Concat', [negative, positive], [probabilities], axis=1, op_version=13)
    else:
        container.add_node('Softmax', [scores], [probabilities], axis=1, op_version=13)
    container.add_node('ArgMax', [probabilities], [operator.outputs[0].full_name], axis=1, keepdims=0, op_version=13)


def _convert_regressor(scope, operator, container) -> None:
    model = operator.raw_operator
    scores = _scores(scope, operator, container, model)
    # Poisson and gamma losses predict the logarithm.
    follow = 'Exp' if model.loss in ('poisson', 'gamma') else 'Identity'
    container.add_node(follow, [scores], [operator.outputs[0].full_name], op_version=13)


def _scores(scope, operator, container, model: Any) -> str:
    if model.is_categorical_ is not None and model.is_categorical_.any():
        raise PackError(
            f'{type(model).__name__} splits on native categories, which its graph cannot hold yet. '
            'Encode the categories in a ColumnTransformer (OneHotEncoder or OrdinalEncoder), without categorical_features, and fit again.'
        )
    wide, scores = scope.get_unique_variable_name('wide'), scope.get_unique_variable_name('scores')
    container.add_node('Cast', [operator.inputs[0].full_name], [wide], to=TensorProto.DOUBLE, op_version=13)
    container.add_node(
        'TreeEnsembleRegressor', [wide], [scores], op_domain='ai.onnx.ml', op_version=ML_OPSET,
        name=scope.get_unique_operator_name('histograms'), **_trees(model),
    )
    return scores


def _trees(model: Any) -> dict:
    ids: list[tuple[int, int, int]] = []
    nodes = []
    for trees in model._predictors:
        for target, tree in enumerate(trees):
            at = ids[-1][0] + 1 if ids else 0
            for node, described in enumerate(tree.nodes):
                ids.append((at, node, target))
                nodes.append(described)
    leaf = [bool(it['is_leaf']) for it in nodes]
    leaves = [it for it, is_leaf in enumerate(leaf) if is_leaf]
    base = np.ravel(model._baseline_prediction).astype(np.float64)
    choose = [0.0 if is_leaf else float(it['num_threshold']) for it, is_leaf in zip(nodes, leaf)]

    def each(field: str) -> list[int]:
        return [0 if is_leaf else int(it[field]) for it, is_leaf in zip(nodes, leaf)]

    return {
        'n_targets': len(base),
        'aggregate_function': 'SUM',
        'base_values_as_tensor': numpy_helper.from_array(base, 'base'),
        'nodes_treeids': [tree for tree, _, _ in ids],
        'nodes_nodeids': [node for _, node, _ in ids],
        'nodes_featureids': each('feature_idx'),
        'nodes_values_as_tensor': numpy_helper.from_array(np.array(choose, np.float64), 'thresholds'),
        'nodes_modes': ['LEAF' if is_leaf else 'BRANCH_LEQ' for is_leaf in leaf],
        'nodes_truenodeids': each('left'),
        'nodes_falsenodeids': each('right'),
        'nodes_missing_value_tracks_true': each('missing_go_to_left'),
        'target_treeids': [ids[it][0] for it in leaves],
        'target_nodeids': [ids[it][1] for it in leaves],
        'target_ids': [ids[it][2] for it in leaves],
        'target_weights_as_tensor': numpy_helper.from_array(
            np.array([float(nodes[it]['value']) for it in leaves], np.float64), 'weights',
        ),
    }
