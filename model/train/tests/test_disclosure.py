"""What is published of the training data stands for five people or more."""

import numpy as np
import pandas as pd
import pytest

import baseline as baselines
import disclosure
import schema


def number(name='pay', type_='number'):
    return schema.Numeric(name, 'sirh', type_, ('x', 'x'), schema.Interval(0, 1e6), (0, 1))


@pytest.mark.parametrize('seed', range(20))
@pytest.mark.parametrize('whole', [True, False])
def test_five_people_are_at_or_beyond_each_end(seed, whole):
    random = np.random.default_rng(seed)
    values = random.lognormal(8, 0.7, size=random.integers(11, 400))
    values = np.round(values) if whole else values
    low, high = disclosure.covered_range(values, whole)
    assert low < high
    assert (values <= low).sum() >= 5 and (values >= high).sum() >= 5


def test_the_end_of_a_decimal_range_is_nobodys_value():
    values = np.array([1009.0, 1051, 1052, 1081, 1091, *np.linspace(2000, 18000, 50), 19859, 19926, 19943, 19973, 19999])
    assert disclosure.covered_range(values, False) == (1100, 19800)
    # Whole numbers stay as they are: five people or more have such a value or a further one.
    assert disclosure.covered_range(np.array([18.0] * 5 + [30.0] * 9 + [60.0] * 5), True) == (18, 60)
    assert disclosure.covered_range(np.array([17.0] + [18.0] * 5 + [30.0] * 9 + [60.0] * 5 + [61.0]), True) == (18, 60)


def test_a_column_of_one_value_or_of_few_rows_has_a_range():
    assert disclosure.covered_range(np.full(30, 7.0), False) == (7, 7)
    assert disclosure.covered_range(np.array([1.0, 2.0, 3.0]), True) == (1, 3)
    assert disclosure.covered_range(np.array([0.0] * 28 + [5.0, 9.0]), False) == (0, 0)


def test_small_bins_join_their_smaller_neighbour():
    edges, counts = disclosure.merge_bins(np.arange(6.0), np.array([20, 4, 9, 0, 1]))
    # The one of the end joins the empty bin beside it, and both join the next; four join nine.
    assert list(edges) == [0, 1, 5] and list(counts) == [20, 14]
    edges, counts = disclosure.merge_bins(np.arange(4.0), np.array([0, 30, 0]))
    assert list(counts) == [0, 30, 0]


def test_names_of_few_people_are_left_out_and_cannot_be_counted_from_the_rest():
    assert disclosure.safe_counts({'a': 90, 'b': 60}) == {'a': 90, 'b': 60}
    # One name of three people is not left out alone: the total would tell it.
    assert disclosure.safe_counts({'a': 90, 'b': 3, 'c': 60}) == {'a': 90}
    assert disclosure.safe_counts({'a': 90, 'b': 3, 'c': 2, 'd': 60}) == {'a': 90, 'd': 60}
    # Nobody is nobody's secret.
    assert disclosure.safe_counts({'a': 90, 'b': 0}) == {'a': 90, 'b': 0}


@pytest.mark.parametrize('seed', range(20))
def test_no_cell_of_a_baseline_is_of_fewer_than_five(seed):
    random = np.random.default_rng(seed)
    rows = int(random.integers(40, 300))
    frame = pd.DataFrame({
        'pay': random.lognormal(8, 0.7, rows), 'years': random.geometric(0.2, rows).astype(float),
        'team': random.choice(['a', 'b', 'c', 'd'], rows, p=[0.6, 0.3, 0.08, 0.02]),
    })
    team = schema.Categorical('team', 'sirh', ('x', 'x'), tuple(schema.Category(v, (v, v)) for v in 'abcd'))
    told = baselines.baseline(
        frame, random.integers(0, 2, rows), [number(), number('years', 'integer'), team], random.random(rows)
    )
    for name, histogram in [*told['features'].items(), ('probability', told['probability'])]:
        counts = histogram['counts']
        numbers = list(counts.values()) if isinstance(counts, dict) else counts
        assert all(count == 0 or count >= 5 for count in numbers), name
        left_out = rows - sum(numbers)
        assert left_out == 0 or (name == 'team' and left_out >= 5)
    assert told['features']['pay']['edges'][0] not in frame['pay'].to_numpy()
