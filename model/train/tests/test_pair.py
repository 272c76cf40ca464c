import numpy as np
import pytest
from category_encoders import OrdinalEncoder, TargetEncoder
from sklearn.base import clone
from xgboost import XGBClassifier, XGBRegressor

import pipeline
from errors import ModelError
from pair import categories, check_pair
from trees import read_ensemble


def small_model(**options):
    return XGBClassifier(n_estimators=2, n_jobs=1, **options)


def test_refuses_other_objects(small_pair):
    with pytest.raises(ModelError, match='must be a category_encoders.TargetEncoder, not OrdinalEncoder'):
        check_pair(OrdinalEncoder(), small_pair.model)
    with pytest.raises(ModelError, match='must be an xgboost.XGBClassifier, not XGBRegressor'):
        check_pair(small_pair.encoder, XGBRegressor())


def test_refuses_what_is_not_fitted(small_pair):
    with pytest.raises(ModelError, match='encoder is not fitted'):
        check_pair(clone(small_pair.encoder), small_pair.model)
    with pytest.raises(ModelError, match='model is not fitted'):
        check_pair(small_pair.encoder, clone(small_pair.model))


@pytest.mark.parametrize('handling', ['return_nan', 'error'])
def test_refuses_other_handling_of_unknown_values(small_pair, employees, handling):
    frame, left = employees
    encoder = TargetEncoder(cols=['poste'], handle_unknown=handling).fit(frame, left)
    with pytest.raises(ModelError, match="handle_unknown must be 'value'"):
        check_pair(encoder, small_pair.model)


def test_refuses_one_hot_columns(small_pair, employees):
    frame, left = employees
    columns = frame[['age']].assign(poste_Manager=1.0, **{'poste_Tech Lead': 0.0})
    with pytest.raises(ModelError, match='one-hot columns .*poste_Manager'):
        check_pair(small_pair.encoder, small_model().fit(columns, left))


def test_refuses_unknown_columns(small_pair, employees):
    frame, left = employees
    with pytest.raises(ModelError, match='does not know: ratio_salaire'):
        check_pair(small_pair.encoder, small_model().fit(frame[['age']].assign(ratio_salaire=1.0), left))


def test_refuses_a_booster_without_names(small_pair, employees):
    frame, left = employees
    with pytest.raises(ModelError, match='no feature names'):
        check_pair(small_pair.encoder, small_model().fit(frame[['age']].to_numpy(), left))


def test_refuses_a_category_that_nothing_encodes(employees):
    frame, left = employees
    encoder = TargetEncoder(cols=['departement']).fit(frame, left)
    columns = frame[['age']].assign(poste=np.arange(len(left), dtype=float))
    with pytest.raises(ModelError, match='does not encode poste'):
        check_pair(encoder, small_model().fit(columns, left))


def test_refuses_a_value_that_the_schema_does_not_know(employees):
    frame, left = employees
    misspelt = frame[['domaine_etude', 'age']].replace('Entrepreunariat', 'Entrepreneuriat')
    encoder = TargetEncoder(cols=['domaine_etude']).fit(misspelt, left)
    pair = check_pair(encoder, small_model().fit(encoder.transform(misspelt), left))
    with pytest.raises(ModelError, match="domaine_etude.*'Entrepreneuriat'"):
        categories(pair, 'domaine_etude')


@pytest.mark.parametrize(('options', 'message'), [
    ({'booster': 'gblinear'}, 'gbtree, not gblinear'),
    ({'booster': 'dart'}, 'gbtree, not dart'),
    ({'objective': 'binary:logitraw'}, 'binary:logistic, not binary:logitraw'),
])
def test_refuses_other_boosters(employees, options, message):
    frame, left = employees
    with pytest.raises(ModelError, match=message):
        read_ensemble(small_model(**options).fit(frame[['age']], left))


def test_refuses_another_missing_value(small_pair, employees):
    frame, left = employees
    encoded = pipeline.encode(small_pair, frame)
    with pytest.raises(ModelError, match='as missing'):
        check_pair(small_pair.encoder, small_model(missing=-1.0).fit(encoded, left))
