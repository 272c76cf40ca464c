"""What a fitted pipeline answers: probabilities of classes, or a number."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier, is_regressor

from .errors import PackError


@dataclass(frozen=True)
class Model:
    """A fitted pipeline, and how it is asked."""

    fitted: Any
    # The classes in the order of the probabilities; None of a regression.
    classes: tuple | None
    # Whether it was fitted on a matrix without names.
    takes_matrix: bool

    def answer(self, frame: pd.DataFrame) -> np.ndarray:
        """[rows, classes] of probabilities, or [rows] of numbers."""
        rows = frame.to_numpy() if self.takes_matrix else frame
        with warnings.catch_warnings():
            # A pipeline warns of categories that it does not know: the contract does so as well.
            warnings.simplefilter('ignore')
            if self.classes is None:
                return np.asarray(self.fitted.predict(rows), np.float64).reshape(len(frame))
            return np.asarray(self.fitted.predict_proba(rows), np.float64)

    def takes(self, frame: pd.DataFrame) -> bool:
        try:
            self.answer(frame)
        except (ValueError, TypeError, KeyError):
            return False
        return True


def read_model(fitted: Any, takes_matrix: bool) -> Model:
    """Raises a PackError for what is no classifier with probabilities, nor a regressor of one number."""
    kind = type(fitted).__name__
    if is_regressor(fitted):
        return Model(fitted, None, takes_matrix)
    if not is_classifier(fitted):
        raise PackError(f'{kind} is neither a classifier nor a regressor. Give a fitted Pipeline that ends in one.')
    if not hasattr(fitted, 'predict_proba'):
        raise PackError(f'{kind} gives no probabilities. Wrap it: CalibratedClassifierCV(...).fit(X, y).')
    classes = getattr(fitted, 'classes_', None)
    if not isinstance(classes, np.ndarray):
        raise PackError(f'{kind} has several targets, or was not fitted. Fit one model for each target, and pack each.')
    if len(classes) < 2:
        raise PackError(f'{kind} has seen one class only: {classes.tolist()}. Fit it on rows of two classes or more.')
    return Model(fitted, tuple(classes.tolist()), takes_matrix)
