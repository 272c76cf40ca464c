"""Reads the three HR extracts, checks them and joins them into one row an employee."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import schema
from errors import ModelError

# The key has one spelling a file: 1, E_1 and 000001 (zero padding of any length) are one employee.
FILES = {'extrait_sirh.csv': 'id_employee', 'extrait_eval.csv': 'eval_number', 'extrait_sondage.csv': 'code_sondage'}


@dataclass(frozen=True)
class Extracts:
    """The joined data.

    frame: one row an employee, sorted by key; the columns of schema.FEATURES, in that order, categories as text and
        numbers as float64 in the feature's unit.
    target: int array [rows], 1 for a leaver.
    sha256: digest of each file, by its name.
    """

    frame: pd.DataFrame
    target: np.ndarray
    sha256: dict[str, str]


def read_extracts(folder: Path) -> Extracts:
    """Read, check and join the extracts in `folder`. Raises ModelError with the file and what is wrong in it."""
    parts = [_read(folder / name, key) for name, key in FILES.items()]
    joined = parts[0]
    for name, part in zip(list(FILES)[1:], parts[1:]):
        _check_same_keys(parts[0], part, name)
        joined = joined.join(part)
    joined = joined.sort_index()

    wanted = [*schema.BY_NAME, schema.TARGET_NAME]
    missing = [name for name in wanted if name not in joined.columns]
    if missing:
        raise ModelError(f'the extracts lack the columns {", ".join(missing)}')
    frame = pd.DataFrame({feature.name: _column(joined[feature.name], feature) for feature in schema.FEATURES})
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    return Extracts(frame, _target(joined[schema.TARGET_NAME]), digests)


def parse_key(text: str) -> int:
    """The employee number of a key in any of its spellings. Raises ValueError for anything else."""
    digits = text.removeprefix('E_')
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f'"{text}" is not an employee key')
    return int(digits)


def parse_number(text: str) -> float:
    """A number, with or without a percent sign after it: "11 %" is 11.0 (percent points). Raises ValueError."""
    return float(text.strip().removesuffix('%').strip())


def _read(path: Path, key: str) -> pd.DataFrame:
    """One extract as text, indexed by employee number."""
    if not path.is_file():
        raise ModelError(f'{path.name} is not in the folder given by --data')
    # Text everywhere: pandas must guess neither the zero-padded keys nor the word "None" in a category.
    part = pd.read_csv(path, dtype=str, keep_default_na=False, encoding='utf-8')
    if key not in part.columns:
        raise ModelError(f'{path.name} has no column {key}')
    if part.empty:
        raise ModelError(f'{path.name} has no rows')
    try:
        part.index = pd.Index([parse_key(text) for text in part.pop(key)], name=schema.IDENTIFIER)
    except ValueError as error:
        raise ModelError(f'{path.name}, column {key}: {error}') from error
    twice = part.index[part.index.duplicated()].unique()
    if len(twice):
        raise ModelError(f'{path.name} holds {len(twice)} employee keys more than once: {_some(twice)}')
    return part


def _check_same_keys(first: pd.DataFrame, other: pd.DataFrame, name: str) -> None:
    for lacking, holder, where in ((first.index.difference(other.index), 'extrait_sirh.csv', name),
                                   (other.index.difference(first.index), name, 'extrait_sirh.csv')):
        if len(lacking):
            raise ModelError(f'{len(lacking)} employees of {holder} are missing in {where}: {_some(lacking)}')


def _column(values: pd.Series, feature: schema.Feature) -> pd.Series:
    if isinstance(feature, schema.Categorical):
        unknown = sorted(set(values) - set(feature.values))
        if unknown:
            raise ModelError(f'{feature.name} holds categories that the schema does not know: {unknown}')
        return values.astype(object)
    try:
        numbers = values.map(parse_number).astype(np.float64)
    except ValueError as error:
        raise ModelError(f'{feature.name}: {error}') from error
    if feature.type == 'integer' and (numbers % 1 != 0).any():
        raise ModelError(f'{feature.name} must hold whole numbers')
    outside = numbers[~numbers.map(feature.accepted.holds)]
    if len(outside):
        raise ModelError(f'{feature.name} holds {outside.iloc[0]}, outside the accepted range')
    return numbers


def _target(values: pd.Series) -> np.ndarray:
    unknown = sorted(set(values) - {schema.TARGET_POSITIVE, schema.TARGET_NEGATIVE})
    if unknown:
        raise ModelError(f'{schema.TARGET_NAME} must be Oui or Non, not {unknown}')
    target = (values == schema.TARGET_POSITIVE).to_numpy().astype(np.int64)
    if target.min() == target.max():
        raise ModelError(f'{schema.TARGET_NAME} has one value only: nothing to learn')
    return target


def _some(keys: pd.Index) -> str:
    shown = ', '.join(str(key) for key in sorted(keys)[:5])
    return shown if len(keys) <= 5 else f'{shown}…'
