"""A small sample with what people's data has: gaps, a boolean, texts, names with blanks."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROWS = 300


@pytest.fixture(scope='session')
def sample() -> pd.DataFrame:
    random = np.random.default_rng(3)
    frame = pd.DataFrame({
        'mean radius': np.round(random.normal(40, 15, ROWS), 2),
        'visits': random.integers(0, 12, ROWS),
        'member': random.random(ROWS) < 0.5,
        'région': random.choice(['Nord', 'Sud', 'Ouest'], ROWS),
        'note': random.choice(['a', 'b'], ROWS),
    })
    frame.loc[random.random(ROWS) < 0.1, 'mean radius'] = np.nan
    return frame


@pytest.fixture(scope='session')
def score(sample) -> np.ndarray:
    return sample['mean radius'].fillna(55).to_numpy() / 10 + sample['visits'] * 0.4 + 2 * (sample['région'] == 'Sud')


@pytest.fixture
def piped():
    def make(model):
        return make_pipeline(
            ColumnTransformer([
                ('numbers', make_pipeline(SimpleImputer(), StandardScaler()), ['mean radius', 'visits', 'member']),
                ('texts', OneHotEncoder(handle_unknown='ignore'), ['région']),
            ]),
            model,
        )
    return make
