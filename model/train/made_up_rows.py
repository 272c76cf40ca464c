"""Makes up employees, seeded: the inputs over which the graph and the pipeline are compared.

No row comes from the data. Strata:
- seen: features drawn from the ranges of the training data, seen positions in seen departments;
- accepted: features drawn from everything that the service accepts;
- extremes: one feature at an end of its accepted or seen range;
- categories: every category of every feature in turn;
- unknown-category: a word that the model was not trained on (the service refuses it, the graph must still agree);
- split-thresholds: one number feature at a threshold of a tree's split, and one float32 step below and above it;
- split-thresholds-whole: the same for whole-number features. (The service refuses the decimals that this gives; the
  trees must still go the same way.)
"""

import numpy as np
import pandas as pd

import schema
from trees import Ensemble

Row = dict[str, str | float]

# Years are nested: each of these can be at most the next group's, and experience at most age - 18.
WITHIN_COMPANY = ('annees_dans_le_poste_actuel', 'annees_depuis_la_derniere_promotion', 'annes_sous_responsable_actuel')
COMPANY = 'annees_dans_l_entreprise'
EXPERIENCE = 'annee_experience_totale'
AGE = 'age'
WORKING_AGE = 18

# Words that no encoder knows: nothing, a wrong case, a stray space, an alias (the service maps those), another
# column's value, a character outside the basic plane.
UNKNOWN_WORDS = ('', 'célibataire', 'Manager ', 'Entrepreneuriat', 'Oui=', 'genre=M', 'Homme', '🙂')


def make_rows(features: list[schema.Feature], columns: tuple[str, ...], ensemble: Ensemble, count: int, seed: int
              ) -> tuple[pd.DataFrame, np.ndarray]:
    """`count` rows and the stratum of each.

    features: those of the model. columns: the booster's, whose positions the ensemble's splits name.
    Returns a frame [count, features] (categories as text, numbers as float64) and an array of names [count].
    """
    maker = _Maker(features, np.random.default_rng(seed))
    rows: list[tuple[str, Row]] = []
    rows += [('extremes', row) for row in maker.extremes()]
    rows += [('categories', row) for row in maker.each_category()]
    rows += [('unknown-category', row) for row in maker.unknown_categories()]
    splits = maker.split_thresholds(columns, ensemble)
    # At most half of the rows, so that a large forest leaves room for the random ones.
    if len(splits) > count // 2:
        chosen = maker.random.choice(len(splits), count // 2, replace=False)
        splits = [splits[i] for i in sorted(chosen)]
    rows += splits
    if len(rows) > count:
        raise ValueError(f'{count} rows cannot hold every stratum: {len(rows)} are needed')
    rest = count - len(rows)
    rows += [('seen', maker.seen()) for _ in range(rest - rest // 3)]
    rows += [('accepted', maker.accepted()) for _ in range(rest // 3)]
    frame = pd.DataFrame([row for _, row in rows], columns=[feature.name for feature in features])
    for feature in features:
        if isinstance(feature, schema.Numeric):
            frame[feature.name] = frame[feature.name].astype(np.float64)
    return frame, np.array([stratum for stratum, _ in rows])


class _Maker:
    def __init__(self, features: list[schema.Feature], random: np.random.Generator):
        self.features = features
        self.random = random
        self.numeric = [feature for feature in features if isinstance(feature, schema.Numeric)]
        self.categorical = [feature for feature in features if isinstance(feature, schema.Categorical)]

    def seen(self) -> Row:
        row = self._draw({feature.name: feature.seen for feature in self.numeric})
        if set(schema.COMBINATION_FIELDS) <= row.keys():
            known = [pair for pair in schema.COMBINATIONS if all(
                value in feature.values for value, feature in zip(pair, self._combined())
            )]
            if known:
                row.update(zip(schema.COMBINATION_FIELDS, known[self.random.integers(len(known))]))
        return row

    def accepted(self) -> Row:
        return self._draw({feature.name: _accepted_ends(feature) for feature in self.numeric})

    def extremes(self, times: int = 6) -> list[Row]:
        found = []
        for feature in self.numeric:
            for value in sorted({*_accepted_ends(feature), *feature.seen, *_refused_ends(feature)}):
                found += [self._pinned(self._any(i), feature.name, value) for i in range(times)]
        return found

    def each_category(self, times: int = 20) -> list[Row]:
        return [
            {**self._any(i), feature.name: value}
            for feature in self.categorical for value in feature.values for i in range(times)
        ]

    def unknown_categories(self, times: int = 8) -> list[Row]:
        return [
            {**self._any(i), feature.name: word}
            for feature in self.categorical for word in UNKNOWN_WORDS if word not in feature.values
            for i in range(times)
        ]

    def split_thresholds(self, columns: tuple[str, ...], ensemble: Ensemble) -> list[tuple[str, Row]]:
        stratum = {
            feature.name: 'split-thresholds' if feature.type == 'number' else 'split-thresholds-whole'
            for feature in self.numeric
        }
        splits = {
            (columns[feature], np.float32(threshold))
            for tree in ensemble.trees
            for feature, threshold, left in zip(tree.feature, tree.threshold, tree.left)
            if left >= 0 and columns[feature] in stratum
        }
        found = []
        for i, (name, threshold) in enumerate(sorted(splits)):
            below = np.nextafter(threshold, np.float32(-np.inf), dtype=np.float32)
            above = np.nextafter(threshold, np.float32(np.inf), dtype=np.float32)
            for value in (below, threshold, above):
                found.append((stratum[name], self._pinned(self._any(i), name, float(value))))
        return found

    def _combined(self) -> list[schema.Categorical]:
        return [feature for name in schema.COMBINATION_FIELDS for feature in self.categorical if feature.name == name]

    def _any(self, i: int) -> Row:
        return self.seen() if i % 2 == 0 else self.accepted()

    def _draw(self, ranges: dict[str, tuple[float, float]]) -> Row:
        row: Row = {}
        for feature in self.features:
            if isinstance(feature, schema.Categorical):
                row[feature.name] = feature.values[self.random.integers(len(feature.values))]
            else:
                row[feature.name] = self._number(feature, *ranges[feature.name])
        if AGE in row and EXPERIENCE in row:
            row[EXPERIENCE] = self._years(ranges[EXPERIENCE], row[AGE] - WORKING_AGE)
        if COMPANY in row:
            row[COMPANY] = self._years(ranges[COMPANY], row.get(EXPERIENCE, np.inf))
            for name in WITHIN_COMPANY:
                if name in row:
                    row[name] = self._years(ranges[name], row[COMPANY])
        return row

    def _number(self, feature: schema.Numeric, low: float, high: float) -> float:
        if feature.type == 'integer':
            return float(self.random.integers(int(low), int(high) + 1))
        while True:
            # Half of them with two decimals, as people write them, the others with all of a float64's digits.
            value = float(self.random.uniform(low, high))
            value = round(value, 2) if self.random.random() < 0.5 else value
            if feature.accepted.holds(value) and not any(part.interval.holds(value) for part in feature.refused):
                return value

    def _years(self, range_: tuple[float, float], limit: float) -> float:
        return float(self.random.integers(int(range_[0]), int(max(min(range_[1], limit), range_[0])) + 1))

    def _pinned(self, row: Row, name: str, value: float) -> Row:
        """`row` with one value set and the years around it moved as little as the rules need."""
        row = {**row, name: value}
        whole = float(np.ceil(value))
        if name in WITHIN_COMPANY and COMPANY in row:
            row[COMPANY] = max(row[COMPANY], whole)
        if name in (*WITHIN_COMPANY, COMPANY) and EXPERIENCE in row:
            row[EXPERIENCE] = max(row[EXPERIENCE], float(np.ceil(row.get(COMPANY, whole))))
        if name in (*WITHIN_COMPANY, COMPANY, EXPERIENCE) and AGE in row:
            row[AGE] = max(row[AGE], float(np.ceil(row.get(EXPERIENCE, whole))) + WORKING_AGE)
        # From the outside in: age limits experience, experience limits the company, the company limits the rest.
        for inner, outer, offset in ((EXPERIENCE, AGE, -WORKING_AGE), (COMPANY, EXPERIENCE, 0),
                                     *((years, COMPANY, 0) for years in WITHIN_COMPANY)):
            if inner in row and outer in row and inner != name:
                row[inner] = max(0.0, min(row[inner], float(np.floor(row[outer] + offset))))
        return row


def _accepted_ends(feature: schema.Numeric) -> tuple[float, float]:
    """The lowest and highest values that are accepted; next to an exclusive bound, one hundredth inside."""
    accepted = feature.accepted
    step = 1 if feature.type == 'integer' else 0.01
    return (
        accepted.min + step if accepted.exclusive_min else accepted.min,
        accepted.max - step if accepted.exclusive_max else accepted.max,
    )


def _refused_ends(feature: schema.Numeric) -> list[float]:
    """The ends of a refused range that are themselves accepted."""
    ends = [
        end for part in feature.refused for end, exclusive in (
            (part.interval.min, part.interval.exclusive_min), (part.interval.max, part.interval.exclusive_max)
        ) if exclusive
    ]
    return [end for end in ends if feature.accepted.holds(end)]
