"""Writes JSON that people can read: two spaces, UTF-8, and lists or small objects of plain values on one line."""

import json
from typing import Any

# The longest small object that stays on one line, in characters.
LINE = 110


def dumps(value: Any) -> str:
    """JSON text with a newline at the end. Numbers read back as the same float64; NaN and infinity raise ValueError."""
    return _text(value, 0) + '\n'


def _text(value: Any, depth: int) -> str:
    if isinstance(value, dict) and value:
        if _flat(value.values()) and len(line := _line(value)) <= LINE:
            return line
        inner = ',\n'.join(f'{_indent(depth + 1)}{_line(key)}: {_text(item, depth + 1)}' for key, item in value.items())
        return f'{{\n{inner}\n{_indent(depth)}}}'
    if isinstance(value, list) and value and not _flat(value):
        inner = ',\n'.join(f'{_indent(depth + 1)}{_text(item, depth + 1)}' for item in value)
        return f'[\n{inner}\n{_indent(depth)}]'
    return _line(value)


def _flat(values: Any) -> bool:
    return not any(isinstance(item, (dict, list)) for item in values)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _indent(depth: int) -> str:
    return '  ' * depth
