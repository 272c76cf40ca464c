"""What a contract may tell of its training data: groups of people, never one person.

The contract is public wherever the model is. A cell of few people, or an exact extreme, could tell somebody's value to
whoever knows that they were in the data. The rule of at least five is the usual one of statistical offices
(threshold rule: Hundepool et al., Statistical Disclosure Control, Wiley 2012, section 4.2).
"""

from collections.abc import Mapping

import numpy as np

# The fewest people that a bin, a combination or the end of a range stands for.
FEWEST = 5


def step_of(values: np.ndarray) -> float:
    """The largest power of ten that is at most a hundredth of the values' range: what a decimal number is rounded to."""
    spread = float(values.max() - values.min())
    return 10.0 ** np.floor(np.log10(spread / 100)) if spread > 0 else 0.0


def covered_range(values: np.ndarray, whole: bool) -> tuple[float, float]:
    """The range in which training has data: FEWEST rows or more lie at or beyond each end.

    values: [rows]. The ends of a decimal number are rounded inwards, so that neither is the value of a person.
    """
    ordered = np.sort(values.astype(np.float64))
    beyond = min(FEWEST, len(ordered)) - 1
    low, high = float(ordered[beyond]), float(ordered[-1 - beyond])
    step = 0.0 if whole else step_of(ordered)
    if step > 0:
        rounded = float(_round(np.ceil(low / step) * step, step)), float(_round(np.floor(high / step) * step, step))
        if rounded[0] < rounded[1]:
            return rounded
    # Half of the rows or more have one value, so that the ends may have crossed.
    return min(low, high), max(low, high)


def rounded_edges(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Edges of a decimal number's bins, to the nearest step."""
    step = step_of(values)
    return _round(np.round(edges / step) * step, step) if step > 0 else edges


def merge_bins(edges: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Joins each bin of fewer than FEWEST rows to its smaller neighbour, until none is left. An empty bin stays: it is nobody."""
    edges, counts = list(edges), [int(count) for count in counts]
    while len(counts) > 1:
        small = [i for i, count in enumerate(counts) if 0 < count < FEWEST]
        if not small:
            break
        at = min(small, key=counts.__getitem__)
        neighbours = [i for i in (at - 1, at + 1) if 0 <= i < len(counts)]
        other = min(neighbours, key=counts.__getitem__)
        first = min(at, other)
        counts[first:first + 2] = [counts[at] + counts[other]]
        del edges[first + 1]
    return np.array(edges), np.array(counts)


def safe_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by name without the names of fewer than FEWEST rows. Those left out are FEWEST rows together, or none."""
    hidden: list[str] = []
    for name in sorted(counts, key=counts.__getitem__):
        together = sum(counts[left] for left in hidden)
        if counts[name] >= FEWEST and (together == 0 or together >= FEWEST):
            break
        if counts[name] > 0:
            hidden.append(name)
    return {name: count for name, count in counts.items() if name not in hidden}


def _round(numbers: np.ndarray | float, step: float) -> np.ndarray:
    """Away with the digits that the multiplication by the step leaves behind."""
    return np.round(numbers, max(0, -int(np.floor(np.log10(step)))))
