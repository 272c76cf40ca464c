"""Assembles contract.json, the single description of a model version (its format: common/contract/contract.ts)."""

import hashlib
import os
import platform
from dataclasses import replace
from datetime import datetime, timezone
from importlib.metadata import version as package_version

import pandas as pd

import disclosure
import pair as pairs
import schema
from errors import ModelError
from export_onnx import CATEGORICAL_INPUT, NUMERIC_INPUT, OPSETS, OUTPUT, Graph
from pipeline import Pair
from schema import Text
from trees import read_ensemble

# Packages that decide the model's numbers or its graph.
PACKAGES = ('category_encoders', 'numpy', 'onnx', 'onnxruntime', 'pandas', 'scikit-learn', 'xgboost-cpu')

TITLE: Text = ('Départs chez TechNova Partners', 'Attrition at TechNova Partners')
DESCRIPTION: Text = (
    'Estime la probabilité qu’un employé quitte l’entreprise, à partir de son dossier RH, de son évaluation annuelle et '
    'du sondage interne. Données fictives : un outil de démonstration, qui ne décide rien sur personne.',
    'Estimates the probability that an employee leaves the company, from the HR record, the annual review and the staff '
    'survey. The data is fictional: a demonstration that must not decide about anybody.',
)
POSITIVE: tuple[str, Text] = ('leaves', ('Départ probable', 'Likely to leave'))
NEGATIVE: tuple[str, Text] = ('stays', ('Départ peu probable', 'Likely to stay'))
VALIDATED_CRITERION: Text = (
    'F1 des départs le plus élevé, en moyenne sur les répétitions de la validation croisée (prédictions hors pli).',
    'Highest F1 of leavers, averaged over the repetitions of the cross-validation (out-of-fold predictions).',
)
GIVEN_CRITERION: Text = (
    'Donné à la conversion du modèle, sans données de validation.',
    'Given when the model was converted, without validation data.',
)
NOT_USED: Text = ('Ce modèle n’utilise pas ce champ.', 'This model does not use this field.')


def model_features(pair: Pair, frame: pd.DataFrame | None) -> list[schema.Feature]:
    """The schema's features that the pair reads, in the schema's order, with what its training data held.

    frame: the training data (raw features); the ranges that it covers become `seen`. Without it the schema's ranges stand.
    """
    features: list[schema.Feature] = []
    for feature in schema.FEATURES:
        if feature.name not in pair.columns:
            continue
        if isinstance(feature, schema.Categorical):
            known = pairs.categories(pair, feature.name)
            features.append(replace(feature, categories=tuple(c for c in feature.categories if c.value in known)))
        elif frame is None:
            features.append(feature)
        else:
            values = frame[feature.name].to_numpy()
            features.append(replace(feature, seen=disclosure.covered_range(values, feature.type == 'integer')))
    return features


def seen_combinations(frame: pd.DataFrame | None, features: list[schema.Feature]) -> list[tuple[str, ...]]:
    """The (department, position) pairs that at least five people of the training data have, sorted; the schema's without data."""
    names = list(schema.COMBINATION_FIELDS)
    known = {feature.name: feature.values for feature in features if feature.name in names}
    if set(known) != set(names):
        return []
    if frame is None:
        pairs_ = schema.COMBINATIONS
    else:
        counts = frame.groupby(names).size()
        pairs_ = counts[counts >= disclosure.FEWEST].index
    return sorted(pair for pair in pairs_ if all(value in known[name] for name, value in zip(names, pair)))


def risk_bands(base_rate: float, threshold: float) -> list[dict]:
    """low below the base rate, moderate from the base rate, high from the threshold on (the positive label)."""
    # A threshold at or under the base rate leaves no room between them: halve it.
    moderate = round(base_rate, 3) if base_rate < threshold else round(threshold / 2, 3)
    return [
        {'id': 'low', 'label': _text(('Faible', 'Low')), 'from': 0},
        {'id': 'moderate', 'label': _text(('Modéré', 'Moderate')), 'from': moderate},
        {'id': 'high', 'label': _text(('Élevé', 'High')), 'from': threshold},
    ]


def assemble(*, pair: Pair, graph: Graph, features: list[schema.Feature], combinations: list[tuple[str, ...]],
             name: str, version: str, base_rate: float, threshold: float, criterion: Text, parity: dict,
             golden: list[dict], examples: list[dict], data: dict[str, str], seed: int | None = None,
             metrics: dict | None = None, baseline: dict | None = None) -> dict:
    """The contract as a JSON object. metrics and baseline are left out when there was no data to compute them from."""
    used = {feature.name for feature in features}
    unused = [feature.name for feature in schema.FEATURES if feature.name not in used]
    contract = {
        'contractVersion': 2,
        'name': name,
        'version': version,
        'title': _text(TITLE),
        'description': _text(DESCRIPTION),
        'license': 'mit',
        'graph': {
            'file': 'model.onnx',
            'sha256': hashlib.sha256(graph.bytes).hexdigest(),
            'bytes': len(graph.bytes),
            'opsets': OPSETS,
            'inputs': [
                {'name': input_name, 'type': kind, 'features': list(columns)}
                for input_name, kind, columns in (
                    (CATEGORICAL_INPUT, 'string', graph.categorical), (NUMERIC_INPUT, 'float32', graph.numeric)
                ) if columns
            ],
            'output': OUTPUT,
        },
        'subject': {'singular': _text(schema.SUBJECT[0]), 'plural': _text(schema.SUBJECT[1])},
        'groups': [
            {'id': group, 'label': _text(label)} for group, label in schema.GROUPS.items()
            if any(feature.group == group for feature in features)
        ],
        'identifier': {
            'name': schema.IDENTIFIER,
            'label': _text(schema.IDENTIFIER_LABEL),
            'aliases': list(schema.IDENTIFIER_ALIASES),
            'prefixes': list(schema.IDENTIFIER_PREFIXES),
        },
        'features': [_feature(feature) for feature in features],
        'ignored': [
            *({'name': field, 'reason': _text(reason)} for field, reason in schema.IGNORED.items()),
            *({'name': field, 'reason': _text(NOT_USED)} for field in unused),
        ],
        'rules': _rules(used, combinations),
        'output': {
            'target': {
                'name': schema.TARGET_NAME, 'positive': schema.TARGET_POSITIVE, 'negative': schema.TARGET_NEGATIVE
            },
            'positive': {'value': POSITIVE[0], 'label': _text(POSITIVE[1])},
            'negative': {'value': NEGATIVE[0], 'label': _text(NEGATIVE[1])},
            'threshold': threshold,
            'thresholdCriterion': _text(criterion),
            'bands': risk_bands(base_rate, threshold),
        },
    }
    if metrics:
        contract['metrics'] = metrics
    if baseline:
        contract['baseline'] = baseline
    return contract | {
        'parity': {key: parity[key] for key in ('rows', 'maxAbsDifference', 'labelFlips', 'tolerance')},
        'examples': examples,
        'golden': golden,
        'provenance': _provenance(pair, data, seed),
    }


def trained_at() -> str:
    """Now, or SOURCE_DATE_EPOCH (seconds) where a build must be repeatable; ISO 8601, UTC."""
    epoch = os.environ.get('SOURCE_DATE_EPOCH')
    try:
        moment = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch else datetime.now(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise ModelError(f'SOURCE_DATE_EPOCH must be a number of seconds, not {epoch!r}') from error
    return moment.strftime('%Y-%m-%dT%H:%M:%SZ')


def _provenance(pair: Pair, data: dict[str, str], seed: int | None) -> dict:
    parameters = pair.model.get_params()
    provenance = {
        'trainedAt': trained_at(),
        'algorithm': (
            f'category_encoders.TargetEncoder ({", ".join(pair.encoder.cols)}) and xgboost.XGBClassifier '
            f'(binary:logistic, {len(read_ensemble(pair.model).trees)} trees of depth '
            f'{parameters["max_depth"] or 6} at most)'
        ),
        'packages': {package: package_version(package) for package in PACKAGES},
        'python': platform.python_version(),
        'data': data,
    }
    return provenance if seed is None else provenance | {'seed': seed}


def _feature(feature: schema.Feature) -> dict:
    common = {'name': feature.name, 'label': _text(feature.label)}
    if feature.help:
        common['help'] = _text(feature.help)
    common['group'] = feature.group
    if feature.aliases:
        common['aliases'] = list(feature.aliases)
    if feature.name in schema.PROTECTED:
        common['protected'] = True
    if feature.name in schema.CHANGEABLE:
        common['changeable'] = True
    if isinstance(feature, schema.Categorical):
        categories = []
        for category in feature.categories:
            entry = {'value': category.value, 'label': _text(category.label)}
            categories.append(entry | {'aliases': list(category.aliases)} if category.aliases else entry)
        described = common | {'type': 'category', 'categories': categories}
        return described | {'ordered': True} if feature.ordered else described
    described = common | {'type': feature.type}
    if feature.unit:
        described['unit'] = _text(feature.unit)
    low, high = feature.seen
    described |= {'accepted': _interval(feature.accepted), 'seen': {'min': _number(low), 'max': _number(high)}}
    if feature.refused:
        described['refused'] = [
            {'interval': _interval(part.interval), 'hint': _text(part.hint)} for part in feature.refused
        ]
    if feature.suffix:
        described['suffix'] = feature.suffix
    return described


def _rules(used: set[str], combinations: list[tuple[str, ...]]) -> list[dict]:
    rules: list[dict] = []
    for rule in schema.AT_MOST:
        if {rule.left, rule.right} <= used:
            order = {'id': rule.id, 'type': 'at-most', 'left': rule.left, 'right': rule.right}
            if rule.offset:
                order['offset'] = rule.offset
            rules.append(order | {'message': _text(rule.message)})
    if combinations:
        rules.append({
            'id': schema.COMBINATION_ID, 'type': 'seen-combinations', 'fields': list(schema.COMBINATION_FIELDS),
            'combinations': [list(combination) for combination in combinations],
            'message': _text(schema.COMBINATION_MESSAGE),
        })
    return rules


def _interval(interval: schema.Interval) -> dict:
    described: dict = {'min': _number(interval.min), 'max': _number(interval.max)}
    if interval.exclusive_min:
        described['exclusiveMin'] = True
    if interval.exclusive_max:
        described['exclusiveMax'] = True
    return described


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _text(text: Text) -> dict[str, str]:
    return {'fr': text[0], 'en': text[1]}
