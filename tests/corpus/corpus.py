"""Fits models of the kinds that people have, exports them as their converters do, and writes what Python's onnxruntime answers.

    python corpus.py FOLDER [--all]

Each model becomes FOLDER/NAME.onnx; FOLDER/corpus.json lists the models with their inputs and answers.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from catboost import CatBoostClassifier, CatBoostRegressor
from lightgbm import LGBMClassifier, LGBMRegressor
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType as OmtFloat
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings('ignore')
RANDOM = np.random.default_rng(20)
ROWS, ASKED, COLUMNS = 600, 40, 8


def numbers(columns=COLUMNS):
    x = RANDOM.normal(size=(ROWS, columns)).astype(np.float32)
    score = x[:, 0] - x[:, 1] * x[:, 2] + RANDOM.normal(scale=0.3, size=ROWS)
    return x, (score > 0).astype(np.int64), score.astype(np.float32), np.digitize(score, [-0.7, 0.7])


X, BINARY, SCORE, CLASSES = numbers()
NO_ZIPMAP = {'zipmap': False}


def of_numbers(model, options=None, **more):
    return convert_sklearn(
        model, initial_types=[('X', FloatTensorType([None, COLUMNS]))], options=options, **more
    ), {'X': X[:ASKED]}


def classifier(model, y=BINARY):
    model.fit(X, y)
    return of_numbers(model, {id(model): NO_ZIPMAP})


def regressor(model):
    return of_numbers(model.fit(X, SCORE))


def columns(count, model, missing=False, target_opset=None):
    """A pipeline as most people have it: text columns are one-hot encoded, numbers imputed and scaled, one input a column."""
    import pandas as pd

    words = {f'word_{i}': RANDOM.choice([f'w{i}_{j}' for j in range(3 + i % 4)], size=ROWS) for i in range(count)}
    figures = {f'number_{i}': X[:, i].copy() for i in range(4)}
    if missing:
        for column in figures.values():
            column[RANDOM.random(ROWS) < 0.2] = np.nan
    frame = pd.DataFrame({**words, **figures})
    prepare = ColumnTransformer([
        ('words', OneHotEncoder(handle_unknown='ignore'), list(words)),
        ('figures', make_pipeline(SimpleImputer(strategy='median'), StandardScaler()), list(figures)),
    ])
    pipeline = make_pipeline(prepare, model).fit(frame, BINARY)
    types = [(name, StringTensorType([None, 1])) for name in words] + [
        (name, FloatTensorType([None, 1])) for name in figures
    ]
    asked = frame[:ASKED]
    # The first row asks for a word that nobody has seen.
    feeds = {name: asked[[name]].to_numpy().astype(str if name in words else np.float32) for name in frame}
    if words:
        feeds['word_0'][0, 0] = 'never seen'
    return convert_sklearn(
        pipeline, initial_types=types, options={id(model): NO_ZIPMAP}, target_opset=target_opset
    ), feeds


def mixed_lightgbm(count):
    update_registered_converter(
        LGBMClassifier, 'LightGbmLGBMClassifier', calculate_linear_classifier_output_shapes, _lightgbm(),
        options={'nocl': [True, False], 'zipmap': [True, False, 'columns']},
    )
    # onnxmltools' converter knows the third version of ai.onnx.ml only.
    opsets = {'': 15, 'ai.onnx.ml': 3}
    return columns(count, LGBMClassifier(n_estimators=100, verbose=-1), missing=True, target_opset=opsets)


def _lightgbm():
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm as convert

    return convert


def lightgbm(model, y):
    model.fit(X, y)
    return convert_lightgbm(model, initial_types=[('X', OmtFloat([None, COLUMNS]))], zipmap=False), {'X': X[:ASKED]}


def catboost(model, y, folder):
    model.fit(X, y)
    path = folder / 'catboost.tmp'
    model.save_model(str(path), format='onnx', export_parameters={'onnx_domain': 'ai.catboost'})
    graph = onnx.load(path)
    path.unlink()
    return graph, {graph.graph.input[0].name: X[:ASKED]}


def chain(length, opset):
    """A graph of many small nodes, as functions in a pipeline become."""
    make = onnx.helper
    names = ['X', *[f'n{i}' for i in range(length - 1)], 'Y']
    nodes = [make.make_node(['Relu', 'Abs', 'Neg', 'Tanh'][i % 4], [names[i]], [names[i + 1]]) for i in range(length)]
    info = lambda name: make.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, COLUMNS])
    graph = make.make_graph(nodes, 'chain', [info('X')], [info('Y')])
    return make.make_model(graph, opset_imports=[make.make_opsetid('', opset)], ir_version=8), {'X': X[:ASKED]}


def models(folder, everything):
    trees = dict(random_state=0, n_jobs=2)
    yield 'logistic', lambda: classifier(make_pipeline(StandardScaler(), LogisticRegression()))
    yield 'logistic-3-classes', lambda: classifier(LogisticRegression(), CLASSES)
    yield 'ridge', lambda: regressor(make_pipeline(StandardScaler(), Ridge()))
    yield 'naive-bayes', lambda: classifier(GaussianNB())
    yield 'tree', lambda: classifier(DecisionTreeClassifier(max_depth=8, random_state=0))
    for count in [1, 2, 5, 40] if not everything else [1, 2, 3, 5, 10, 20, 40]:
        yield f'one-hot-{count}-logistic', lambda count=count: columns(count, LogisticRegression())
    yield 'one-hot-5-forest-missing', lambda: columns(5, RandomForestClassifier(50, **trees), missing=True)
    yield 'one-hot-5-lightgbm-missing', lambda: mixed_lightgbm(5)
    for length, opset in [(10, 9), (15, 11), (60, 13), (500, 17), (16, 21), (16, 25)]:
        yield f'chain-{length}-opset-{opset}', lambda length=length, opset=opset: chain(length, opset)
    for count in [100] if not everything else [100, 400, 700]:
        yield f'forest-{count}', lambda count=count: classifier(RandomForestClassifier(count, **trees))
    yield 'forest-100-regression', lambda: regressor(RandomForestRegressor(100, max_depth=8, **trees))
    yield 'gradient-boosting', lambda: classifier(GradientBoostingClassifier(random_state=0))
    yield 'svc', lambda: classifier(SVC(probability=True, random_state=0))
    yield 'mlp', lambda: classifier(MLPClassifier((32, 16), max_iter=60, random_state=0))
    yield 'mlp-regression', lambda: regressor(MLPRegressor(hidden_layer_sizes=(32, 16), max_iter=60, random_state=0))
    yield 'knn', lambda: classifier(KNeighborsClassifier(5))
    yield 'calibrated', lambda: classifier(CalibratedClassifierCV(GradientBoostingClassifier(n_estimators=20), cv=3))
    base = lambda: [('lr', LogisticRegression()), ('rf', RandomForestClassifier(20, **trees)), ('nb', GaussianNB())]
    yield 'voting', lambda: classifier(VotingClassifier(base(), voting='soft', flatten_transform=False))
    yield 'stacking', lambda: classifier(StackingClassifier(base(), cv=3))
    yield 'lightgbm-100x31', lambda: lightgbm(LGBMClassifier(verbose=-1), BINARY)
    yield 'lightgbm-regression', lambda: lightgbm(LGBMRegressor(verbose=-1), SCORE)
    if everything:
        big = dict(n_estimators=1000, num_leaves=200, min_child_samples=1, verbose=-1)
        yield 'lightgbm-1000x200', lambda: lightgbm(LGBMClassifier(**big), BINARY)
    cat = dict(iterations=100, verbose=False, allow_writing_files=False, random_seed=0)
    yield 'catboost', lambda: catboost(CatBoostClassifier(**cat), BINARY, folder)
    yield 'catboost-regression', lambda: catboost(CatBoostRegressor(**cat), SCORE, folder)


def answers(graph, feeds):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=['CPUExecutionProvider'])
    # ZipMap's lists of dictionaries are not tensors: nothing but Python reads them.
    tensors = [output.name for output in session.get_outputs() if output.type.startswith('tensor')]
    return dict(zip(tensors, session.run(tensors, feeds)))


def described(name, array):
    data = array.astype(str).ravel().tolist() if array.dtype.kind in 'OU' else array.ravel().tolist()
    kind = 'string' if array.dtype.kind in 'OU' else {'bool': 'bool'}.get(array.dtype.name, array.dtype.name)
    data = [None if isinstance(value, float) and np.isnan(value) else value for value in data]
    return {'name': name, 'type': kind, 'dims': list(array.shape), 'data': data}


def main():
    folder, everything = Path(sys.argv[1]), '--all' in sys.argv
    folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for name, make in models(folder, everything):
        begun = time.monotonic()
        graph, feeds = make()
        content = graph.SerializeToString()
        (folder / f'{name}.onnx').write_bytes(content)
        listed.append({
            'name': name,
            'nodes': len(graph.graph.node),
            'opset': max((it.version for it in graph.opset_import if it.domain == ''), default=None),
            'inputs': [described(*it) for it in feeds.items()],
            'outputs': [described(*it) for it in answers(content, feeds).items()],
        })
        print(f'{name}: {len(graph.graph.node)} nodes, {len(content)} bytes, {time.monotonic() - begun:.1f} s', file=sys.stderr)
    (folder / 'corpus.json').write_text(json.dumps(listed))


main()
