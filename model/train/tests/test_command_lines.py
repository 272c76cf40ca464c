"""train.py and convert.py as they are called, and what they leave behind when they fail."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import onnxruntime
import pandas as pd
import pytest
from category_encoders import TargetEncoder
from xgboost import XGBClassifier

import parity
import pipeline
import publish
import schema
from errors import ModelError

TRAIN = Path(publish.__file__).parent


def call(script, *arguments, **environment):
    return subprocess.run(
        [sys.executable, str(TRAIN / script), *map(str, arguments)],
        capture_output=True, text=True, encoding='utf-8', env=os.environ | environment, check=False,
    )


def replay(folder: Path) -> float:
    """Largest difference between the golden cases and the graph in `folder`."""
    contract = json.loads((folder / 'contract.json').read_text(encoding='utf-8'))
    names = [feature['name'] for feature in contract['features']]
    frame = pd.DataFrame([case['values'] for case in contract['golden']], columns=names)
    dtypes = {'string': object, 'float32': np.float32}
    session = onnxruntime.InferenceSession(str(folder / 'model.onnx'))
    [found] = session.run(None, {
        part['name']: frame[part['features']].to_numpy(dtypes[part['type']]) for part in contract['graph']['inputs']
    })
    return float(np.abs(found - np.array([case['probability'] for case in contract['golden']])).max())


def pair_files(folder: Path, employees, columns: list[str]) -> tuple[Path, Path]:
    """A pair as other projects make it: coded by hand, the columns in their own order, two joblib files."""
    frame, left = employees
    coded = frame[columns].copy()
    for name in columns:
        if (codes := getattr(schema.BY_NAME[name], 'codes', None)) is not None:
            coded[name] = coded[name].map(codes)
    encoder = TargetEncoder(cols=[name for name in schema.TARGET_ENCODED if name in columns]).fit(coded, left)
    model = XGBClassifier(n_estimators=30, max_depth=3, n_jobs=1, random_state=4).fit(encoder.transform(coded), left)
    joblib.dump(encoder, folder / 'te_encoder.joblib')
    joblib.dump(model, folder / 'model.joblib')
    return folder / 'model.joblib', folder / 'te_encoder.joblib'


def test_train_writes_a_version(extracts_folder, tmp_path):
    out = tmp_path / 'out'
    ran = call(
        'train.py', '--data', extracts_folder, '--out', out, '--quick', '--version', '2.1.0', SOURCE_DATE_EPOCH='86400'
    )
    assert ran.returncode == 0, ran.stderr
    assert 'cross-validation: repetition 2 of 2' in ran.stdout
    assert {path.name for path in out.iterdir()} == {
        'model.onnx', 'contract.json', 'parity.json', 'evaluation.json', 'README.md'
    }
    contract = json.loads((out / 'contract.json').read_text(encoding='utf-8'))
    assert contract['version'] == '2.1.0' and contract['provenance']['trainedAt'] == '1970-01-02T00:00:00Z'
    assert contract['graph']['sha256'] == hashlib.sha256((out / 'model.onnx').read_bytes()).hexdigest()
    assert set(contract['provenance']['data']) == {'extrait_sirh.csv', 'extrait_eval.csv', 'extrait_sondage.csv'}
    assert replay(out) <= 1e-6


def test_train_says_what_is_wrong_with_the_data(tmp_path):
    ran = call('train.py', '--data', tmp_path, '--out', tmp_path / 'out')
    assert ran.returncode == 1
    assert ran.stderr == 'error: extrait_sirh.csv is not in the folder given by --data\n'
    assert not (tmp_path / 'out').exists()


def test_convert_takes_columns_in_any_order(employees, tmp_path):
    columns = list(np.random.default_rng(8).permutation(list(schema.BY_NAME)))
    assert columns != list(schema.BY_NAME)
    model, encoder = pair_files(tmp_path, employees, columns)
    out = tmp_path / 'out'
    ran = call('convert.py', '--model', model, '--encoder', encoder, '--out', out, '--name', 'other', '--threshold', '0.4')
    assert ran.returncode == 0, ran.stderr
    contract = json.loads((out / 'contract.json').read_text(encoding='utf-8'))
    assert [feature['name'] for feature in contract['features']] == list(schema.BY_NAME)
    assert contract['name'] == 'other' and contract['output']['threshold'] == 0.4
    assert 'metrics' not in contract and 'baseline' not in contract and contract['provenance']['data'] == {}
    assert contract['parity']['labelFlips'] == 0 and contract['parity']['rows'] == 10_000
    assert replay(out) <= 1e-6
    # Against the objects themselves, by hand: a column mixed up would show.
    frame, _ = employees
    coded = frame[columns].assign(**{
        name: frame[name].map(schema.BY_NAME[name].codes)
        for name in ('genre', 'heure_supplementaires', 'frequence_deplacement')
    })
    expected = joblib.load(model).predict_proba(joblib.load(encoder).transform(coded))[:, 1]
    session = onnxruntime.InferenceSession(str(out / 'model.onnx'))
    dtypes = {'string': object, 'float32': np.float32}
    [found] = session.run(None, {
        part['name']: frame[part['features']].to_numpy(dtypes[part['type']]) for part in contract['graph']['inputs']
    })
    assert np.abs(found - expected).max() <= 1e-6


def test_convert_takes_fewer_features_and_measures_them_on_data(employees, extracts_folder, tmp_path):
    columns = ['heure_supplementaires', 'age', 'poste', 'satisfaction_employee_environnement', 'statut_marital']
    model, encoder = pair_files(tmp_path, employees, columns)
    out = tmp_path / 'out'
    ran = call('convert.py', '--model', model, '--encoder', encoder, '--out', out, '--quick', '--data', extracts_folder)
    assert ran.returncode == 0, ran.stderr
    contract = json.loads((out / 'contract.json').read_text(encoding='utf-8'))
    assert sorted(feature['name'] for feature in contract['features']) == sorted(columns)
    assert {'genre', 'revenu_mensuel'} <= {field['name'] for field in contract['ignored']}
    assert [rule['id'] for rule in contract['rules']] == []
    assert contract['metrics']['rocAuc']['mean'] > 0.7 and set(contract['baseline']['features']) == set(columns)
    assert replay(out) <= 1e-6


def test_convert_refuses_a_pair_the_wrong_way_round_and_files_that_are_not_there(employees, tmp_path):
    model, encoder = pair_files(tmp_path, employees, list(schema.BY_NAME))
    ran = call('convert.py', '--model', encoder, '--encoder', model, '--out', tmp_path / 'out')
    assert ran.returncode == 1 and 'holds a XGBClassifier, not a TargetEncoder' in ran.stderr
    ran = call('convert.py', '--model', tmp_path / 'no.joblib', '--encoder', encoder, '--out', tmp_path / 'out')
    assert ran.returncode == 1 and 'no.joblib does not exist' in ran.stderr
    ran = call('convert.py', '--model', model, '--encoder', encoder, '--out', tmp_path / 'out', '--version', 'one')
    assert ran.returncode == 1 and 'three numbers' in ran.stderr
    assert not (tmp_path / 'out').exists()


def test_a_graph_that_differs_is_never_written(monkeypatch, small_pair, tmp_path):
    right = parity.run_graph
    monkeypatch.setattr(parity, 'run_graph', lambda graph, frame: right(graph, frame) + np.float32(1e-5))
    with pytest.raises(ModelError, match='Nothing was written'):
        publish.publish(
            small_pair.encoder, small_pair.model, tmp_path / 'out', publish.Version('small', '0.0.1'), seed=1,
            extracts=None, plan=None, threshold=0.5, parity_seed=1, progress=lambda line: None,
        )
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize('script', ['train.py', 'convert.py', 'search.py', 'tiny_model.py'])
def test_help(script):
    ran = call(script, '--help')
    assert ran.returncode == 0 and 'usage' in ran.stdout


def test_predict_is_what_the_model_says(small_pair, employees):
    frame, _ = employees
    direct = small_pair.model.predict_proba(pipeline.encode(small_pair, frame))[:, 1]
    assert np.array_equal(pipeline.predict(small_pair, frame), direct)
