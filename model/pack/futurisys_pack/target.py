"""Takes a transform of the target out of a pipeline, to put its inverse into the graph: skl2onnx knows no TransformedTargetRegressor."""

import copy
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline

from .errors import PackError

INVERSES = {np.expm1: 'expm1', np.exp: 'exp'}


def without_transform(fitted: Any) -> tuple[Any, str | None]:
    """The model that predicts the transformed target, and the inverse of the transform; the model itself where there is none."""
    if isinstance(fitted, TransformedTargetRegressor):
        return fitted.regressor_, _inverse(fitted)
    if not (isinstance(fitted, Pipeline) and isinstance(fitted.steps[-1][1], TransformedTargetRegressor)):
        return fitted, None
    last, wrapped = fitted.steps[-1]
    made = copy.copy(fitted)
    made.steps = [*fitted.steps[:-1], (last, wrapped.regressor_)]
    return made, _inverse(wrapped)


def _inverse(wrapped: TransformedTargetRegressor) -> str:
    inverse = wrapped.inverse_func
    if wrapped.transformer is None and inverse in INVERSES:
        return INVERSES[inverse]
    raise PackError(
        'TransformedTargetRegressor has a transform whose inverse the graph cannot hold. '
        'Give it func=np.log1p and inverse_func=np.expm1, or np.log and np.exp, and fit again.'
    )


def with_inverse(model: onnx.ModelProto, inverse: str) -> onnx.ModelProto:
    """The graph that answers in the target's own unit. It computes the inverse in float64."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    output = made.graph.output[-1]
    wide, raised, value = (f'{output.name}_{it}' for it in ('wide', 'raised', 'value'))
    made.graph.node.extend([
        helper.make_node('Cast', [output.name], [wide], to=TensorProto.DOUBLE), helper.make_node('Exp', [wide], [raised]),
    ])
    if inverse == 'expm1':
        made.graph.initializer.append(numpy_helper.from_array(np.array([1], np.float64), f'{output.name}_one'))
        made.graph.node.append(helper.make_node('Sub', [raised, f'{output.name}_one'], [value]))
    output.name = value if inverse == 'expm1' else raised
    output.type.tensor_type.elem_type = TensorProto.DOUBLE
    return made
