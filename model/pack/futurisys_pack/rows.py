"""Made-up records: none is a row of the sample."""

import numpy as np

from .columns import UNKNOWN, Column

ROWS = 10_000


def made_up_rows(columns: list[Column], random: np.random.Generator, rows: int = ROWS) -> list[list]:
    """Records that have each value, end of a range, unknown category and missing value at least once, in their first rows."""
    shown = [_values_to_show(column) for column in columns]
    drawn = [_draw(column, random, rows) for column in columns]
    for values, needed in zip(drawn, shown):
        # Each column starts elsewhere, so that the ends do not all meet in the same records.
        order = random.permutation(len(needed))
        for row in range(rows_to_show(columns)):
            if row < len(needed):
                values[row] = needed[order[row]]
    return [list(row) for row in zip(*drawn)]


def rows_to_show(columns: list[Column]) -> int:
    """How many records show all that each column can be."""
    return min(ROWS, max(len(_values_to_show(column)) for column in columns))


def _values_to_show(column: Column) -> list:
    if column.kind == 'boolean':
        values: list = [True, False]
    elif column.is_text:
        values = [*column.categories, *([UNKNOWN] if column.takes_unknown else [])]
    else:
        low, high = column.seen or (0, 0)
        values = [_number(column, it) for it in dict.fromkeys((low, high, *([column.least] if column.least is not None else [])))]
    return [*values, *([None] if column.missing is not None else [])]


def _draw(column: Column, random: np.random.Generator, rows: int) -> list:
    """Mostly values that training covers; of numbers some beyond, and of each kind some missing or unknown ones."""
    if column.kind == 'boolean':
        values: list = [bool(it) for it in random.integers(0, 2, rows)]
    elif column.is_text:
        values = [column.categories[it] for it in random.integers(0, len(column.categories), rows)]
        if column.takes_unknown:
            values = [UNKNOWN if it else value for value, it in zip(values, random.random(rows) < 0.02)]
    else:
        values = _draw_numbers(column, random, rows)
    if column.missing is None:
        return values
    return [None if it else value for value, it in zip(values, random.random(rows) < 0.1)]


def _draw_numbers(column: Column, random: np.random.Generator, rows: int) -> list:
    low, high = column.seen or (0, 0)
    spread = (high - low) or max(1.0, abs(low))
    far = random.random(rows) < 0.1
    numbers = np.where(far, random.uniform(low - spread / 2, high + spread / 2, rows), random.uniform(low, high, rows))
    if column.least is not None:
        numbers = np.maximum(numbers, column.least)
    return [_number(column, it) for it in numbers]


def _number(column: Column, value: float) -> int | float:
    if column.kind == 'integer':
        return int(round(value))
    # As many digits as people write. float32 holds most of them.
    return float(f'{value:.6g}') if value not in (column.seen or ()) else float(value)
