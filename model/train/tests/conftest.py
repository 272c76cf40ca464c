"""Made-up extracts with something to learn in them, and a small pair trained on them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import data
import made_up_rows
import pair as pairs
import pipeline
import schema
from pipeline import Pair

ROWS = 360
SIRH = (
    'age', 'genre', 'revenu_mensuel', 'statut_marital', 'departement', 'poste', 'nombre_experiences_precedentes',
    'annee_experience_totale', 'annees_dans_l_entreprise', 'annees_dans_le_poste_actuel',
)
EVAL = (
    'satisfaction_employee_environnement', 'note_evaluation_precedente', 'niveau_hierarchique_poste',
    'satisfaction_employee_nature_travail', 'satisfaction_employee_equipe',
    'satisfaction_employee_equilibre_pro_perso', 'note_evaluation_actuelle', 'heure_supplementaires',
)
SMALL = {'n_estimators': 25, 'max_depth': 3, 'learning_rate': 0.2}


def made_up_employees() -> tuple[pd.DataFrame, np.ndarray]:
    """ROWS employees and who left: overtime, youth and unhappiness make leaving likely."""
    maker = made_up_rows._Maker(list(schema.FEATURES), np.random.default_rng(5))
    frame = pd.DataFrame([maker.seen() for _ in range(ROWS)])
    frame['augementation_salaire_precedente'] = frame['augementation_salaire_precedente'].round()
    log_odds = (
        2.2 * (frame['heure_supplementaires'] == 'Oui') + 1.2 * (frame['statut_marital'] == 'Célibataire')
        - 0.06 * (frame['age'] - 39) - 0.8 * (frame['satisfaction_employee_environnement'] - 2.5) - 2
    )
    left = np.random.default_rng(6).random(ROWS) < 1 / (1 + np.exp(-log_odds))
    return frame, left.astype(np.int64)


def write_extracts(folder: Path) -> None:
    frame, left = made_up_employees()
    numbers = np.arange(1, ROWS + 1)
    # The three files are in three orders, as nothing promises the same one.
    sirh = frame[list(SIRH)].assign(id_employee=numbers, nombre_heures_travailless=80)
    evaluation = frame[list(EVAL)].assign(
        eval_number=[f'E_{number}' for number in numbers],
        augementation_salaire_precedente=[f'{int(v)} %' for v in frame['augementation_salaire_precedente']],
    ).iloc[::-1]
    rest = [name for name in schema.BY_NAME if name not in (*SIRH, *EVAL, 'augementation_salaire_precedente')]
    survey = frame[rest].assign(
        code_sondage=[f'0000{number}' if number % 2 else f'{number:06d}' for number in numbers],
        nombre_employee_sous_responsabilite=1, ayant_enfants='Y',
        a_quitte_l_entreprise=np.where(left == 1, 'Oui', 'Non'),
    ).sample(frac=1, random_state=1)
    for name, part in zip(data.FILES, (sirh, evaluation, survey)):
        for column in part.columns:
            if pd.api.types.is_float_dtype(part[column]) and (part[column] % 1 == 0).all():
                part[column] = part[column].astype(int)
        part.to_csv(folder / name, index=False, encoding='utf-8')


@pytest.fixture
def extracts_folder(tmp_path: Path) -> Path:
    folder = tmp_path / 'data'
    folder.mkdir()
    write_extracts(folder)
    return folder


@pytest.fixture(scope='session')
def employees() -> tuple[pd.DataFrame, np.ndarray]:
    frame, left = made_up_employees()
    return frame[list(schema.BY_NAME)], left


@pytest.fixture(scope='session')
def small_pair(employees) -> Pair:
    frame, left = employees
    pair = pipeline.fit_pair(frame, left, pipeline.new_encoder(), pipeline.new_model(1, SMALL))
    return pairs.check_pair(pair.encoder, pair.model)
