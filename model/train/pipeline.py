"""The pipeline in Python: encode the categories, then boosted trees. It is what the graph must reproduce.

A pair is a fitted category_encoders.TargetEncoder and a fitted XGBClassifier. Around it, three features have fixed
codes (see schema.py): genre M=1, heure_supplementaires Oui=1, frequence_deplacement 0/1/2.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from category_encoders import TargetEncoder
from sklearn.base import clone
from xgboost import XGBClassifier

import schema

# Chosen with search.py: the lowest mean Brier score, in cross-validation, over a small grid of regularised shallow
# trees; of two that tie (min_child_weight 2 or 6), the more regularised one. No scale_pos_weight: it would raise recall
# at 0.5 and spoil the probabilities; the threshold does that job.
PARAMETERS = {
    'n_estimators': 300,
    'max_depth': 2,
    'learning_rate': 0.08,
    'min_child_weight': 6,
    'reg_lambda': 5,
    'subsample': 0.7,
    'colsample_bytree': 0.3,
}

# The smoothing of the encoder: s = 1 / (1 + exp(-(n - 20) / 10)), value = prior * (1 - s) + mean * s.
ENCODER_SMOOTHING = {'min_samples_leaf': 20, 'smoothing': 10}


@dataclass(frozen=True)
class Pair:
    """A fitted encoder and a fitted booster. `columns` are the booster's features, in its order."""

    encoder: TargetEncoder
    model: XGBClassifier
    columns: tuple[str, ...]


def new_encoder() -> TargetEncoder:
    return TargetEncoder(cols=list(schema.TARGET_ENCODED), **ENCODER_SMOOTHING)


def new_model(seed: int, parameters: dict | None = None) -> XGBClassifier:
    # One thread: the order of the sums, hence the last bit of the leaves, must not depend on the machine.
    return XGBClassifier(
        objective='binary:logistic', tree_method='hist', n_jobs=1, random_state=seed, **(parameters or PARAMETERS)
    )


def fit_pair(frame: pd.DataFrame, target: np.ndarray, encoder: TargetEncoder, model: XGBClassifier) -> Pair:
    """Fit copies of `encoder` and `model` on the rows of `frame` (raw features) and `target` (0/1, [rows])."""
    fitted_encoder = clone(encoder).fit(_with_codes(frame, encoder.cols), target)
    pair = Pair(fitted_encoder, clone(model), tuple(frame.columns))
    pair.model.fit(encode(pair, frame), target)
    return pair


def encode(pair: Pair, frame: pd.DataFrame) -> pd.DataFrame:
    """The numbers that the booster reads, [rows, columns] float64, from raw features.

    An unknown category becomes the encoder's prior where it is target-encoded, else NaN, a missing value to the trees.
    """
    coded = _with_codes(frame, pair.encoder.cols)
    # An encoder fitted on more columns than the booster reads wants them all back; it leaves them as they are.
    for name in pair.encoder.feature_names_in_:
        if name not in coded.columns:
            coded[name] = 0.0
    encoded = pair.encoder.transform(coded[list(pair.encoder.feature_names_in_)])
    for name in pair.columns:
        if name not in encoded.columns:
            encoded[name] = coded[name]
    return encoded[list(pair.columns)].astype(np.float64)


def predict(pair: Pair, frame: pd.DataFrame) -> np.ndarray:
    """Probability of the positive class, float32 [rows], from raw features."""
    return pair.model.predict_proba(encode(pair, frame))[:, 1].astype(np.float32)


def _with_codes(frame: pd.DataFrame, target_encoded: list[str]) -> pd.DataFrame:
    coded = frame.copy()
    for name in frame.columns:
        codes = getattr(schema.BY_NAME.get(name), 'codes', None)
        if codes is not None and name not in target_encoded:
            coded[name] = frame[name].map(codes).astype(np.float64)
    return coded
