"""Says whether the service would accept a record: what the contract's ranges and rules refuse."""

import schema


def refusals(row: dict[str, str | float], features: list[schema.Feature]) -> list[str]:
    """One sentence a reason to refuse `row` (canonical names and spellings). Empty when it is accepted."""
    found = []
    names = {feature.name for feature in features}
    for feature in features:
        value = row[feature.name]
        if isinstance(feature, schema.Categorical):
            if value not in feature.values:
                found.append(f'{feature.name}: unknown value {value!r}')
        elif feature.type == 'integer' and value % 1 != 0:
            found.append(f'{feature.name}: {value} is not whole')
        elif not feature.accepted.holds(value):
            found.append(f'{feature.name}: {value} is outside the accepted range')
        elif any(refused.interval.holds(value) for refused in feature.refused):
            found.append(f'{feature.name}: {value} is in a refused range')
    for rule in schema.AT_MOST:
        if {rule.left, rule.right} <= names and row[rule.left] > row[rule.right] + rule.offset:
            found.append(f'{rule.left} > {rule.right} + {rule.offset}')
    return found
