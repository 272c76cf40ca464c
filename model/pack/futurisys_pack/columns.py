"""What each column of the sample is: its kind, the values that it has, and whether it may be missing."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from .errors import PackError

# The fewest rows that the end of a range stands for: docs/models.md, "Training".
FEWEST = 5
MANY_CATEGORIES = 100
UNKNOWN = 'a text that training never saw'

Kind = Literal['integer', 'number', 'boolean', 'category']


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    # The values of a category, in order. Empty for the other kinds.
    categories: tuple[str, ...]
    # The range that training covers, of a number.
    seen: tuple[float, float] | None
    # What stands for a missing value in the sample; None if no row lacks the value.
    missing: object | None
    # Whether the pipeline takes a text that is none of the categories.
    takes_unknown: bool
    # The type in the sample, for the frames that the pipeline is given.
    dtype: object

    @property
    def is_text(self) -> bool:
        return self.kind == 'category'

    @property
    def least(self) -> float | None:
        """The accepted minimum: none is negative where training has no negative number."""
        return 0 if self.seen is not None and self.seen[0] >= 0 else None

    def with_unknown(self) -> 'Column':
        return replace(self, takes_unknown=True)

    def notes(self) -> list[str]:
        """What a person should look at."""
        if self.seen is not None and self.seen[0] == self.seen[1]:
            return [f'{self.name}: training covers one value only']
        if self.is_text and len(self.categories) > MANY_CATEGORIES:
            return [f'{self.name}: {len(self.categories)} categories; is it an identifier or a free text?']
        return []


def read_columns(sample: pd.DataFrame) -> list[Column]:
    """The columns of a sample. Raises a PackError for a column that cannot be a feature."""
    repeated = sample.columns[sample.columns.duplicated()]
    if len(repeated) > 0:
        raise PackError(f'Two columns of X have the name {repeated[0]!r}. Rename one and fit again.')
    return [_read(str(name), sample[name]) for name in sample.columns]


def _read(name: str, values: pd.Series) -> Column:
    absent = values.isna()
    given = values[~absent]
    if given.empty:
        raise PackError(f'Column {name!r} is missing in every row of X. Take it out of X and fit again.')
    missing = (values[absent].iloc[0] if values.dtype == object else np.nan) if absent.any() else None
    plain = Column(name, 'number', (), None, missing, False, values.dtype)
    if pd.api.types.is_bool_dtype(given) or (given.dtype == object and all(isinstance(it, (bool, np.bool_)) for it in given)):
        return replace(plain, kind='boolean')
    if pd.api.types.is_numeric_dtype(given):
        numbers = given.to_numpy(np.float64)
        if not np.isfinite(numbers).all():
            raise PackError(f'Column {name!r} holds an infinite number. Replace it by NaN and fit again.')
        # A column of integers with gaps is one of floats in pandas.
        is_whole = pd.api.types.is_integer_dtype(given) or (bool(absent.any()) and bool((numbers % 1 == 0).all()))
        return replace(plain, kind='integer' if is_whole else 'number', seen=covered_range(numbers, is_whole))
    if all(isinstance(it, str) for it in given):
        return replace(plain, kind='category', categories=_categories(name, given))
    raise PackError(
        f'Column {name!r} ({values.dtype}) holds neither numbers, booleans nor texts. '
        'Turn it into such columns before the pipeline (a date into year and month, say), and fit again.'
    )


def _categories(name: str, given: pd.Series) -> tuple[str, ...]:
    texts = sorted(set(given))
    if any(text.strip() == '' for text in texts):
        raise PackError(f'Column {name!r} holds blank texts. Replace them by NaN, so that they are missing, and fit again.')
    return tuple(texts)


def covered_range(values: np.ndarray, whole: bool) -> tuple[float, float]:
    """The range in which training has data: FEWEST rows or more lie at or beyond each end.

    values: [rows]. The ends of a decimal number are rounded inwards, so that neither is the value of a person.
    """
    ordered = np.sort(values)
    beyond = min(FEWEST, len(ordered)) - 1
    low, high = sorted((float(ordered[beyond]), float(ordered[-1 - beyond])))
    spread = float(ordered[-1] - ordered[0])
    if whole or spread == 0:
        return low, high
    exponent = int(np.floor(np.log10(spread / 100)))
    step = 10.0 ** exponent
    rounded = [round(float(it), max(0, -exponent)) for it in (np.ceil(low / step) * step, np.floor(high / step) * step)]
    return (rounded[0], rounded[1]) if rounded[0] < rounded[1] else (low, high)


def to_frame(records: list[list], columns: list[Column]) -> pd.DataFrame:
    """Records as the pipeline takes them. A value is None where it is missing."""
    made = {}
    for column, values in zip(columns, zip(*records)):
        has_gaps = any(value is None for value in values)
        filled = [column.missing if value is None else value for value in values]
        dtype = column.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            dtype = object
        elif has_gaps and dtype != object and column.kind in ('integer', 'number'):
            dtype = np.float64
        made[column.name] = pd.Series(filled, dtype=dtype)
    return pd.DataFrame(made)
