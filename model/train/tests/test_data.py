import hashlib

import numpy as np
import pandas as pd
import pytest
from conftest import ROWS, made_up_employees

import data
import schema
from errors import ModelError


def rewrite(folder, name, change):
    path = folder / name
    change(pd.read_csv(path, dtype=str)).to_csv(path, index=False)


def test_joins_the_three_spellings_of_the_key(extracts_folder):
    extracts = data.read_extracts(extracts_folder)
    frame, left = made_up_employees()
    assert list(extracts.frame.index) == list(range(1, ROWS + 1))
    assert list(extracts.frame.columns) == list(schema.BY_NAME)
    assert np.array_equal(extracts.target, left)
    for name in schema.BY_NAME:
        assert list(extracts.frame[name]) == list(frame[name]), name


def test_gives_the_digest_of_each_file(extracts_folder):
    digests = data.read_extracts(extracts_folder).sha256
    assert digests == {
        name: hashlib.sha256((extracts_folder / name).read_bytes()).hexdigest() for name in data.FILES
    }


@pytest.mark.parametrize(('text', 'key'), [('1', 1), ('E_1', 1), ('000001', 1), ('0000064', 64), ('E_1470', 1470)])
def test_parses_a_key(text, key):
    assert data.parse_key(text) == key


@pytest.mark.parametrize('text', ['', 'E_', 'E_1.0', '1e3', '-4', 'F_1', 'E_E_1'])
def test_refuses_a_bad_key(text):
    with pytest.raises(ValueError):
        data.parse_key(text)


@pytest.mark.parametrize(('text', 'number'), [('11 %', 11.0), ('11%', 11.0), (' 11.5 ', 11.5), ('0', 0.0)])
def test_reads_percent_points(text, number):
    assert data.parse_number(text) == number


def test_names_a_missing_employee(extracts_folder):
    rewrite(extracts_folder, 'extrait_eval.csv', lambda part: part[part['eval_number'] != 'E_7'])
    with pytest.raises(ModelError, match=r'1 employees of extrait_sirh.csv are missing in extrait_eval.csv: 7'):
        data.read_extracts(extracts_folder)


def test_names_an_employee_too_many(extracts_folder):
    rewrite(extracts_folder, 'extrait_sirh.csv', lambda part: part[part['id_employee'] != '9'])
    with pytest.raises(ModelError, match=r'1 employees of extrait_eval.csv are missing in extrait_sirh.csv: 9'):
        data.read_extracts(extracts_folder)


def test_names_a_key_that_occurs_twice_in_two_spellings(extracts_folder):
    def twice(part):
        return pd.concat([part, part[part['code_sondage'].map(int) == 3].assign(code_sondage='00000000003')])

    rewrite(extracts_folder, 'extrait_sondage.csv', twice)
    with pytest.raises(ModelError, match=r'extrait_sondage.csv holds 1 employee keys more than once: 3'):
        data.read_extracts(extracts_folder)


def test_refuses_a_category_that_differs_by_a_letter(extracts_folder):
    rewrite(extracts_folder, 'extrait_sondage.csv', lambda part: part.replace('Frequent', 'Fréquent'))
    with pytest.raises(ModelError, match='frequence_deplacement.*Fréquent'):
        data.read_extracts(extracts_folder)


def test_refuses_a_blank(extracts_folder):
    def blank(part):
        part.loc[0, 'age'] = ''
        return part

    rewrite(extracts_folder, 'extrait_sirh.csv', blank)
    with pytest.raises(ModelError, match='age'):
        data.read_extracts(extracts_folder)


def test_names_a_missing_file_and_a_missing_column(extracts_folder):
    rewrite(extracts_folder, 'extrait_sirh.csv', lambda part: part.drop(columns='age'))
    with pytest.raises(ModelError, match='lack the columns age'):
        data.read_extracts(extracts_folder)
    (extracts_folder / 'extrait_eval.csv').unlink()
    with pytest.raises(ModelError, match='extrait_eval.csv is not in the folder'):
        data.read_extracts(extracts_folder)
