"""Turns a fitted pipeline into an ONNX graph, and runs it."""

import copy
from dataclasses import dataclass, replace
from typing import Iterator

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from .answers import Model
from .columns import Column
from .errors import PackError
from .histograms import register
from .surgery import exact
from .target import with_inverse, without_transform

OPSETS = {'': 15, 'ai.onnx.ml': 3}
TYPES = {'float64': (DoubleTensorType, np.float64), 'float32': (FloatTensorType, np.float32)}
# What may stand for a missing text. It may not be a category, and where any text is taken, only the blank one is none.
TOKENS = ('', 'nan', 'None')

register()


@dataclass(frozen=True)
class Input:
    name: str
    type: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Exported:
    content: bytes
    opsets: dict[str, int]
    inputs: tuple[Input, ...]
    output: str
    # What the graph is given for a missing text.
    token: str

    def run(self, frame: pd.DataFrame) -> np.ndarray:
        """The output for the rows of a frame, in native ONNX Runtime: [rows, classes] or [rows]."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(self.content, options, providers=['CPUExecutionProvider'])
        feeds = {it.name: self._feed(frame, it) for it in self.inputs}
        actual = np.asarray(session.run([self.output], feeds)[0], np.float64)
        return actual.reshape(len(frame)) if actual.ndim == 2 and actual.shape[1] == 1 else actual

    def with_probabilities_kept_in(self) -> 'Exported':
        """The same graph, whose sums of float32 cannot exceed 1 by a rounding."""
        model = onnx.load_from_string(self.content)
        [output] = [it for it in model.graph.output if it.name == self.output]
        numbers = onnx.helper.tensor_dtype_to_np_dtype(output.type.tensor_type.elem_type)
        low, high, kept = (f'{self.output}_{it}' for it in ('least', 'most', 'kept'))
        model.graph.initializer.extend([
            onnx.numpy_helper.from_array(np.array([0], numbers), low), onnx.numpy_helper.from_array(np.array([1], numbers), high),
        ])
        model.graph.node.extend([
            onnx.helper.make_node('Max', [self.output, low], [f'{kept}_above']),
            onnx.helper.make_node('Min', [f'{kept}_above', high], [kept]),
        ])
        output.name = kept
        return replace(self, content=model.SerializeToString(deterministic=True), output=kept)

    def _feed(self, frame: pd.DataFrame, one: Input) -> np.ndarray:
        names = [column.name for column in one.columns]
        if one.type == 'string':
            texts = frame[names].astype(object)
            return texts.where(texts.notna(), self.token).to_numpy(object)
        return frame[names].astype(np.float64).to_numpy(TYPES[one.type][1])


def exports(model: Model, columns: list[Column]) -> Iterator[Exported]:
    """The graphs that may hold the pipeline: with numbers of either width, and each token for a missing text.

    Which one is right is for the comparison to say. Raises a PackError if there is none.
    """
    inner, inverse = without_transform(model.fitted)
    model = replace(model, fitted=inner)
    lacking = [column for column in columns if column.is_text and column.missing is not None]
    categories = {it for column in columns for it in column.categories}
    is_blank = not lacking or any(column.takes_unknown for column in lacking)
    tokens = [''] if is_blank else [token for token in TOKENS if token not in categories]
    errors: list[Exception] = []
    is_made = False
    for width in TYPES:
        for token in tokens:
            try:
                ready = _with_token(model, token)
                made, inputs = _convert(ready, columns, width)
                variants = [made] if width == 'float32' else [exact(made, _filled(ready), back) for back in (True, False)]
            # Converters raise errors of any kind.
            except Exception as error:  # noqa: BLE001
                errors.append(error)
                continue
            opsets = {it.domain or 'ai.onnx': it.version for it in made.opset_import}
            for one in variants:
                is_made = True
                whole = with_inverse(one, inverse) if inverse else one
                content = whole.SerializeToString(deterministic=True)
                yield Exported(content, opsets, inputs, whole.graph.output[-1].name, token)
    if not is_made:
        raise PackError(_unconverted(errors[-1])) from errors[-1]


def _convert(model: Model, columns: list[Column], width: str) -> tuple[onnx.ModelProto, tuple[Input, ...]]:
    tensor, _ = TYPES[width]
    is_matrix = not any(isinstance(step, ColumnTransformer) for step in _steps(model.fitted))
    if is_matrix and any(column.is_text for column in columns):
        raise PackError('A pipeline of texts must begin with a ColumnTransformer that names its columns.')
    if is_matrix:
        given = [('X', tensor([None, len(columns)]))]
    else:
        given = [(it.name, StringTensorType([None, 1]) if it.is_text else tensor([None, 1])) for it in columns]
    options = {id(model.fitted): {'zipmap': False}} if model.classes is not None else None
    made = convert_sklearn(model.fitted, initial_types=given, options=options, target_opset=OPSETS)
    names = [it.name for it in made.graph.input]
    if len(names) != len(given):
        raise PackError(f'The graph has {len(names)} inputs, and the pipeline {len(given)} columns.')
    # The converter spells the names of its inputs otherwise, in the same order.
    groups = [tuple(columns)] if is_matrix else [(column,) for column in columns]
    inputs = tuple(
        Input(name, 'string' if group[0].is_text else width, group) for name, group in zip(names, groups)
    )
    return made, inputs


def _filled(model: Model) -> list[np.ndarray]:
    imputers = [step for step in _steps(model.fitted) if isinstance(step, SimpleImputer)]
    return [it.statistics_ for it in imputers if it.statistics_.dtype != object]


def _with_token(model: Model, token: str) -> Model:
    """A copy whose imputers and encoders of texts take the token for missing: a text of ONNX cannot be NaN."""
    copied = copy.deepcopy(model.fitted)
    for step in _steps(copied):
        if isinstance(step, SimpleImputer) and step.statistics_.dtype == object:
            step.missing_values = token
        elif isinstance(step, (OneHotEncoder, OrdinalEncoder)):
            step.categories_ = [_with_text(it, token) for it in step.categories_]
    return replace(model, fitted=copied)


def _with_text(categories: np.ndarray, token: str) -> np.ndarray:
    if categories.dtype != object:
        return categories
    return np.array([it if isinstance(it, str) else token if pd.isna(it) else it for it in categories], object)


def _steps(fitted) -> Iterator:
    """A model and all the models in it."""
    yield fitted
    if isinstance(fitted, Pipeline):
        for _, step in fitted.steps:
            yield from _steps(step)
    elif isinstance(fitted, ColumnTransformer):
        for _, step, _ in fitted.transformers_:
            yield from _steps(step)
    elif hasattr(fitted, 'estimator'):
        yield from _steps(fitted.estimator)


def _unconverted(error: Exception) -> str:
    if isinstance(error, PackError):
        return str(error)
    reason = str(error).strip().splitlines()
    return (
        f'skl2onnx does not convert this pipeline. It says: {reason[0] if reason else type(error).__name__} '
        'Either use a step that skl2onnx lists as supported (https://onnx.ai/sklearn-onnx/supported.html), '
        'or take the step out of the pipeline, send its result as columns, and fit again.'
    )
