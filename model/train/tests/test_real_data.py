"""Checks on the real extracts, which are not part of the project: set FUTURISYS_DATA to their folder."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

import contract as contracts
import pair as pairs
import parity
import pipeline
from data import read_extracts

pytestmark = pytest.mark.skipif('FUTURISYS_DATA' not in os.environ, reason='FUTURISYS_DATA is not set')
MODEL = Path(pipeline.__file__).parent.parent


@pytest.fixture(scope='module')
def extracts():
    return read_extracts(Path(os.environ['FUTURISYS_DATA']))


@pytest.fixture(scope='module')
def contract():
    return json.loads((MODEL / 'contract.json').read_text(encoding='utf-8'))


def test_the_data_is_the_one_described(extracts, contract):
    assert (len(extracts.target), extracts.target.sum()) == (1470, 237)
    assert extracts.sha256 == contract['provenance']['data']


def test_encoder_check_values(extracts):
    encoder = pipeline.new_encoder().fit(extracts.frame, extracts.target)
    pair = pipeline.fit_pair(extracts.frame, extracts.target, encoder, pipeline.new_model(1, {'n_estimators': 2}))
    assert pairs.prior(pair) == pytest.approx(0.161224, abs=5e-7)
    expected = {
        ('statut_marital', 'Célibataire'): 0.25532, ('statut_marital', 'Marié(e)'): 0.12481,
        ('statut_marital', 'Divorcé(e)'): 0.10092, ('poste', 'Tech Lead'): 0.06897,
        ('poste', 'Représentant Commercial'): 0.39716,
    }
    for (name, value), code in expected.items():
        assert pairs.codes(pair, name)[0][value] == pytest.approx(code, abs=5e-6)


def test_training_again_gives_the_published_probabilities(extracts, contract):
    pair = pipeline.fit_pair(
        extracts.frame, extracts.target, pipeline.new_encoder(), pipeline.new_model(contract['provenance']['seed'])
    )
    graph = parity.Graph(
        (MODEL / 'model.onnx').read_bytes(), *(tuple(part['features']) for part in contract['graph']['inputs'])
    )
    published = parity.run_graph(graph, extracts.frame)
    assert np.abs(published - pipeline.predict(pair, extracts.frame)).max() <= 1e-6
    features = contracts.model_features(pair, extracts.frame)
    assert [contracts._feature(feature) for feature in features] == contract['features']


def test_no_golden_case_or_example_is_a_row_of_the_data(extracts, contract):
    names = [feature['name'] for feature in contract['features']]
    rows = set(extracts.frame[names].itertuples(index=False, name=None))
    assert not rows & {tuple(case['values']) for case in contract['golden']}
    assert not rows & {tuple(example['input'][name] for name in names) for example in contract['examples']}
