"""The request's schema, made from contract.json: what it accepts is what the Worker accepts, but for aliases.

The Worker also maps other spellings of a category, warns of unusual values and takes an employee's number under several names;
the peers are spared that work.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

CONTRACT = json.loads((Path(__file__).parents[2] / 'model' / 'contract.json').read_text())

NAMES = [feature['name'] for feature in CONTRACT['features']]
CATEGORICAL, NUMERIC = [graph_input['features'] for graph_input in CONTRACT['graph']['inputs']]
THRESHOLD = CONTRACT['output']['threshold']
LABELS = (CONTRACT['output']['negative']['value'], CONTRACT['output']['positive']['value'])
AT_MOST = [
    (rule['left'], rule['right'], rule.get('offset', 0), rule['message']['en'])
    for rule in CONTRACT['rules']
    if rule['type'] == 'at-most'
]
REFUSED = [
    (feature['name'], refused['interval']['min'], refused['interval']['max'], refused['hint']['en'])
    for feature in CONTRACT['features']
    for refused in feature.get('refused', [])
]


class Rules(BaseModel):
    model_config = ConfigDict(extra='forbid')

    @model_validator(mode='after')
    def check_rules(self) -> 'Rules':
        for left, right, offset, message in AT_MOST:
            if getattr(self, left) > getattr(self, right) + offset:
                raise ValueError(f'{left}, {right}: {message}')
        for name, low, high, message in REFUSED:
            if low < getattr(self, name) < high:
                raise ValueError(f'{name}: {message}')
        return self


def _annotation(feature: dict) -> Any:
    if feature['type'] == 'category':
        return Literal[tuple(category['value'] for category in feature['categories'])]
    limits = feature['accepted']
    low = {'gt' if limits.get('exclusiveMin') else 'ge': limits['min']}
    high = {'lt' if limits.get('exclusiveMax') else 'le': limits['max']}
    return Annotated[int if feature['type'] == 'integer' else float, Field(**low, **high)]


Record = create_model(
    'Record', __base__=Rules, **{feature['name']: (_annotation(feature), ...) for feature in CONTRACT['features']}
)


class Prediction(BaseModel):
    id: str
    label: str
    probability: float
    threshold: float


def describe(prediction_id: str, probability: float) -> Prediction:
    label = LABELS[probability >= THRESHOLD]
    return Prediction(id=prediction_id, label=label, probability=probability, threshold=THRESHOLD)
