import math

import numpy as np
import pandas as pd

import pipeline


def test_target_encoding_follows_the_documented_formula(employees):
    frame, left = employees
    pair = pipeline.fit_pair(frame, left, pipeline.new_encoder(), pipeline.new_model(1, {'n_estimators': 2}))
    encoded = pipeline.encode(pair, frame)
    prior = left.mean()
    for name in ('statut_marital', 'departement', 'poste', 'domaine_etude'):
        for value in frame[name].unique():
            member = (frame[name] == value).to_numpy()
            s = 1 / (1 + math.exp(-(member.sum() - 20) / 10))
            expected = prior * (1 - s) + left[member].mean() * s
            assert np.allclose(encoded.loc[member, name], expected, rtol=0, atol=1e-12), (name, value)


def test_fixed_codes_and_unknown_categories(small_pair, employees):
    frame, left = employees
    row = frame.iloc[[0]]
    rows = pd.concat([
        row.assign(genre='F', heure_supplementaires='Non', frequence_deplacement='Aucun'),
        row.assign(genre='M', heure_supplementaires='Oui', frequence_deplacement='Frequent'),
        row.assign(genre='X', heure_supplementaires='oui', frequence_deplacement='Fréquent', poste='Astronaute'),
    ])
    encoded = pipeline.encode(small_pair, rows)[['genre', 'heure_supplementaires', 'frequence_deplacement']].to_numpy()
    assert encoded[:2].tolist() == [[0, 0, 0], [1, 1, 2]]
    assert np.isnan(encoded[2]).all()
    assert math.isclose(pipeline.encode(small_pair, rows)['poste'].iloc[2], left.mean(), abs_tol=1e-12)


def test_training_twice_gives_the_same_trees(employees):
    frame, left = employees
    first, second = (
        pipeline.fit_pair(frame, left, pipeline.new_encoder(), pipeline.new_model(3)).model.get_booster().save_raw('json')
        for _ in range(2)
    )
    assert first == second
