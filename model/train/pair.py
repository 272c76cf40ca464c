"""Checks that a fitted encoder and a fitted booster are a pair that the graph can reproduce, and reads its tables."""

import numpy as np
import pandas as pd
from category_encoders import TargetEncoder
from xgboost import XGBClassifier

import pipeline
import schema
from errors import ModelError
from pipeline import Pair

# A text that no encoder has met: what it becomes is the code of every unknown category.
UNKNOWN = '\u0000unknown'


def check_pair(encoder: object, model: object) -> Pair:
    """The pair, its columns in the booster's order. Raises ModelError saying what cannot be converted."""
    if not isinstance(encoder, TargetEncoder):
        raise ModelError(f'the encoder must be a category_encoders.TargetEncoder, not {type(encoder).__name__}')
    if not isinstance(model, XGBClassifier):
        raise ModelError(f'the model must be an xgboost.XGBClassifier, not {type(model).__name__}')
    if not getattr(encoder, 'mapping', None):
        raise ModelError('the encoder is not fitted')
    if encoder.handle_unknown != 'value':
        raise ModelError(f"the encoder's handle_unknown must be 'value', not {encoder.handle_unknown!r}")
    if not encoder.return_df:
        raise ModelError('the encoder must return a data frame (return_df=True)')
    if not model.__sklearn_is_fitted__():
        raise ModelError('the model is not fitted')
    if not np.isnan(model.missing):
        raise ModelError('the model must treat NaN, and nothing else, as missing')

    names = model.get_booster().feature_names
    if not names:
        raise ModelError('the booster has no feature names: fit it on a data frame')
    _check_names(names)
    unencoded = [
        name for name in names
        if isinstance(feature := schema.BY_NAME[name], schema.Categorical)
        and feature.codes is None and name not in encoder.cols
    ]
    if unencoded:
        raise ModelError(f'the encoder does not encode {", ".join(unencoded)}')
    numeric = [name for name in encoder.cols if isinstance(schema.BY_NAME.get(name), schema.Numeric)]
    if numeric:
        raise ModelError(f'the encoder encodes numeric features: {", ".join(numeric)}')
    return Pair(encoder, model, tuple(names))


def categories(pair: Pair, name: str) -> list[str]:
    """The values of a categorical feature that the pair was fitted on, in the schema's order."""
    feature = schema.BY_NAME[name]
    if name not in pair.encoder.cols:
        return feature.values
    table = next(part['mapping'] for part in pair.encoder.ordinal_encoder.category_mapping if part['col'] == name)
    known = [value for value in table.index if isinstance(value, str)]
    strange = sorted(set(known) - set(feature.values))
    if strange:
        raise ModelError(f'the encoder knows values of {name} that the schema does not: {strange}')
    return [value for value in feature.values if value in known]


def codes(pair: Pair, name: str) -> tuple[dict[str, np.float32], np.float32]:
    """What each category of a feature becomes, and what an unknown one becomes, in the booster's float32.

    The pipeline is asked instead of the encoder's tables being read: whatever its options are, this is what it does.
    """
    values = categories(pair, name)
    frame = pd.DataFrame({
        column: [*values, UNKNOWN] if column == name
        else [UNKNOWN if isinstance(schema.BY_NAME[column], schema.Categorical) else 0.0] * (len(values) + 1)
        for column in pair.columns
    })
    column = pipeline.encode(pair, frame)[name].to_numpy().astype(np.float32)
    return dict(zip(values, column[:-1])), column[-1]


def prior(pair: Pair) -> float:
    """The rate of the positive class in the data that the encoder was fitted on."""
    return float(pair.encoder._mean)


def _check_names(names: list[str]) -> None:
    strange = [name for name in names if name not in schema.BY_NAME]
    if not strange:
        return
    one_hot = [name for name in strange if any(
        isinstance(feature, schema.Categorical) and name.startswith(f'{feature.name}_') for feature in schema.FEATURES
    )]
    if one_hot:
        raise ModelError(
            f'the booster reads one-hot columns ({", ".join(one_hot[:3])}…): only target-encoded and fixed-code '
            'columns can be converted'
        )
    raise ModelError(f'the booster reads columns that the schema does not know: {", ".join(strange)}')
