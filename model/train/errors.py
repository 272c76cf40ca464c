"""The one error that the command lines turn into a sentence and a non-zero exit code."""

import sys
from collections.abc import Callable


class ModelError(Exception):
    """Bad data, a pair that cannot be converted, or a graph that does not match: the message says what to do."""


def run(main: Callable[[], None]) -> None:
    """Run `main`; a ModelError ends the process with its message on standard error and exit code 1."""
    try:
        main()
    except ModelError as error:
        print(f'error: {error}', file=sys.stderr)
        sys.exit(1)
