"""Mends what skl2onnx writes for float64, so that the graph computes as scikit-learn does: in float64 up to the trees."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TREES = ('TreeEnsembleClassifier', 'TreeEnsembleRegressor')


def exact(model: onnx.ModelProto, filled: list[np.ndarray], back: bool) -> onnx.ModelProto:
    """A graph that ONNX Runtime can run: it has no Imputer for float64.

    scikit-learn gives its trees float32, and so does the graph. filled: the values that the imputers of numbers fill in.
    back: whether what trees answer is float64 for the next node; which one is right depends on the converter.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    nodes: list[onnx.NodeProto] = []
    for at, node in enumerate(model.graph.node):
        if node.op_type == 'Imputer':
            nodes += _impute(made.graph, node, filled, at)
        elif node.op_type in TREES and not any(it.name == 'nodes_values_as_tensor' for it in node.attribute):
            nodes += _narrow(node, at, back)
        else:
            nodes.append(node)
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    return made


def _impute(graph: onnx.GraphProto, node: onnx.NodeProto, filled: list[np.ndarray], at: int) -> list[onnx.NodeProto]:
    [rounded] = [np.array(it.floats, np.float32) for it in node.attribute if it.name == 'imputed_value_floats']
    # The attribute has float32 only, the imputer float64.
    values = next(it for it in filled if it.shape == rounded.shape and np.array_equal(it.astype(np.float32), rounded))
    name = f'filled_{at}'
    graph.initializer.append(numpy_helper.from_array(values.astype(np.float64).reshape(1, -1), name))
    return [
        helper.make_node('IsNaN', [node.input[0]], [f'{name}_gaps']),
        helper.make_node('Where', [f'{name}_gaps', name, node.input[0]], [node.output[0]]),
    ]


def _narrow(node: onnx.NodeProto, at: int, back: bool) -> list[onnx.NodeProto]:
    narrow = f'narrow_{at}'
    tree = onnx.NodeProto()
    tree.CopyFrom(node)
    tree.input[0] = narrow
    nodes = [helper.make_node('Cast', [node.input[0]], [narrow], to=TensorProto.FLOAT), tree]
    if back:
        answer = tree.output[-1]
        tree.output[-1] = f'{narrow}_answer'
        nodes.append(helper.make_node('Cast', [f'{narrow}_answer'], [answer], to=TensorProto.DOUBLE))
    return nodes
