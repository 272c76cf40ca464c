"""Writes the model card (README.md on the Hugging Face Hub) from the contract and the evaluation.

Everything with a number in it comes from its arguments: the card cannot say something else than the contract.
"""

import json

METRIC_NAMES = {
    'rocAuc': ('ROC AUC', 'roc_auc'),
    'averagePrecision': ('Average precision', 'average_precision'),
    'f1': ('F1 (leavers)', 'f1'),
    'precision': ('Precision (leavers)', 'precision'),
    'recall': ('Recall (leavers)', 'recall'),
    'accuracy': ('Accuracy', 'accuracy'),
    'brier': ('Brier score', 'brier_score'),
    'ece': ('Expected calibration error', 'expected_calibration_error'),
}


def render(contract: dict, parity: dict, evaluation: dict | None) -> str:
    """The card's text. parity: the full report. evaluation: None for a converted pair without data."""
    sections = [
        _front_matter(contract),
        _introduction(contract),
        _use(),
        _data(contract),
        _inputs(contract),
        _output(contract),
    ]
    if evaluation:
        sections += [_metrics(contract, evaluation), _calibration(contract, evaluation), _fairness(evaluation)]
    else:
        sections.append(
            '## Metrics\n\nNone: this version was converted from an existing model without data to measure it on.'
        )
    sections += [_limits(), _snippet(contract), _checks(contract, parity), _provenance(contract)]
    return '\n\n'.join(sections) + '\n'


def _front_matter(contract: dict) -> str:
    lines = [
        '---',
        'language:', '- fr', '- en',
        f'license: {contract["license"]}',
        'library_name: onnx',
        'pipeline_tag: tabular-classification',
        'tags:', '- onnx', '- tabular-classification', '- xgboost', '- human-resources', '- attrition',
    ]
    if 'metrics' in contract:
        lines += [
            'model-index:',
            f'- name: {contract["name"]}',
            '  results:',
            '  - task:',
            '      type: tabular-classification',
            '      name: Employee attrition',
            '    dataset:',
            '      type: technova-hr-extracts',
            '      name: TechNova Partners HR extracts (fictional, not redistributed)',
            '    metrics:',
        ]
        for key, (name, kind) in METRIC_NAMES.items():
            lines += [
                f'    - type: {kind}',
                f'      name: {name}, cross-validated mean',
                f'      value: {contract["metrics"][key]["mean"]:.4f}',
            ]
    return '\n'.join([*lines, '---'])


def _introduction(contract: dict) -> str:
    return (
        f'# {contract["title"]["en"]}\n\n'
        f'`{contract["name"]}` {contract["version"]}. {contract["description"]["en"]}\n\n'
        f'*{contract["title"]["fr"]}. {contract["description"]["fr"]}*\n\n'
        'One ONNX graph holds the preprocessing and the trees: it takes raw values (`"Célibataire"`, `41`) and gives a '
        'probability. `contract.json` describes its inputs, ranges, rules, output and checks.'
    )


def _use() -> str:
    return (
        '## Intended use\n\n'
        'Showing how a tabular model is published, served and watched; teaching; tests. A score may start a '
        'conversation about working conditions in a group of people.\n\n'
        '## Out of scope\n\n'
        '- Any decision about a person: hiring, pay, promotion, dismissal, surveillance. The data is fictional, and age, '
        'gender and marital status are inputs.\n'
        '- Causes. The model finds what goes together with leaving, not what would keep somebody.\n'
        '- Other companies, countries or years: nothing was measured there.'
    )


def _data(contract: dict) -> str:
    text = (
        '## Training data\n\n'
        'IBM\'s fictional HR sample, split into three extracts (HR record, annual review, staff survey) and renamed in '
        'French, joined by employee number. No licence is stated for the split, so it is not redistributed: this '
        'folder holds aggregates only, and the golden cases and examples are made up. An end of a range, a bin of a '
        'histogram and a combination stand for at least five people each.'
    )
    if 'baseline' in contract:
        rows, rate = contract['baseline']['rows'], contract['baseline']['positiveRate']
        text += f' {rows:,} employees, of whom {round(rows * rate)} left ({rate:.2%}).'
    return text


def _inputs(contract: dict) -> str:
    rows = []
    for feature in contract['features']:
        if feature['type'] == 'category':
            values = ', '.join(f'`{category["value"]}`' for category in feature['categories'])
            rows.append((f'`{feature["name"]}`', feature['label']['en'], 'category', '', values))
        else:
            unit = feature.get('unit', {}).get('en', '')
            covered = f'{feature["seen"]["min"]:g}–{feature["seen"]["max"]:g}'
            rows.append((f'`{feature["name"]}`', feature['label']['en'], feature['type'], unit,
                         f'{_interval(feature["accepted"])}, covered {covered}'))
    ignored = ', '.join(f'`{field["name"]}`' for field in contract['ignored'])
    return (
        '## Inputs\n\n'
        + _table(('Name', 'Meaning', 'Type', 'Unit', 'Accepted'), rows)
        + '\n\nA value outside the accepted range is refused by the service; one outside the range that training covers gets '
        'a warning. Percent points are percent points: 11 for "11 %", never 0.11.\n\n'
        f'Not used: {ignored}.\n\nRules that a record must keep:\n\n'
        + '\n'.join(f'- {rule["message"]["en"]}' for rule in contract['rules'] if rule['type'] == 'at-most')
    )


def _output(contract: dict) -> str:
    output = contract['output']
    bands = output['bands']
    ends = [*(band['from'] for band in bands[1:]), None]
    listed = '\n'.join(
        f'- {band["label"]["en"]} (`{band["id"]}`): from {band["from"]:g}' + (f' to below {end:g}' if end else ' on')
        for band, end in zip(bands, ends)
    )
    return (
        '## Output\n\n'
        f'`{contract["graph"]["output"]}`, float32 `[rows]`: the probability that `{output["target"]["name"]}` is '
        f'`{output["target"]["positive"]}`.\n\n'
        f'Threshold: **{output["threshold"]:g}**, inclusive. {output["thresholdCriterion"]["en"]}\n\n'
        'Risk bands (moderate starts at the rate of leavers in the training data, high at the threshold):\n\n' + listed
    )


def _metrics(contract: dict, evaluation: dict) -> str:
    rows = [
        (name, f'{contract["metrics"][key]["mean"]:.3f} ± {contract["metrics"][key]["std"]:.3f}')
        for key, (name, _) in METRIC_NAMES.items()
    ]
    control = evaluation['shuffledTargetRocAuc']
    threshold = evaluation['threshold']
    return (
        '## Metrics\n\n' + _table(('Metric', 'Mean ± standard deviation'), rows)
        + f'\n\nMethod: {contract["metrics"]["method"]}.\n\n'
        f'The thresholds that the folds chose for themselves: {threshold["foldMean"]:.3f} ± {threshold["foldStd"]:.3f}. '
        'The published one is chosen on all out-of-fold predictions, so no score is read at it.\n\n'
        f'Control: on a shuffled target the same procedure gives a ROC AUC of {control["mean"]:.3f} ± '
        f'{control["std"]:.3f}, as it must where nothing leaks.\n\n'
        'The parameters of the trees were chosen once by cross-validation on the same employees (other folds), which '
        'makes these figures slightly favourable.'
    )


def _calibration(contract: dict, evaluation: dict) -> str:
    rows = [
        (f'{part["from"]:.1f}–{part["to"]:.1f}', f'{part["rows"]:,}', _rate(part['meanProbability']),
         _rate(part['observedRate']))
        for part in evaluation['calibration']
    ]
    return (
        '## Calibration\n\n'
        f'Brier score {contract["metrics"]["brier"]["mean"]:.3f}, expected calibration error '
        f'{contract["metrics"]["ece"]["mean"]:.3f}. Out-of-fold predictions of all repetitions:\n\n'
        + _table(('Probability', 'Predictions', 'Mean probability', 'Share that left'), rows)
        + '\n\nHigh probabilities are on the low side: above 0.5 more people left than was predicted.'
        * _underestimates(evaluation)
    )


def _underestimates(evaluation: dict) -> bool:
    upper = [part for part in evaluation['calibration'] if part['from'] >= 0.5 and part['rows']]
    return bool(upper) and all(part['observedRate'] > part['meanProbability'] for part in upper)


def _fairness(evaluation: dict) -> str:
    titles = {'genre': 'By gender', 'age': 'By age band'}
    parts = [
        '## Fairness\n\n'
        'Out-of-fold predictions, averaged over the repetitions, each fold with its own threshold. Selection rate: the '
        'share that the model calls leavers. Small groups (see n) have wide margins.'
    ]
    for attribute, groups in evaluation['groups'].items():
        rows = [
            (name, f'{rates["rows"]}', f'{rates["leavers"]}', *(
                _rate(rates[key])
                for key in ('leavingRate', 'selectionRate', 'recall', 'precision', 'falsePositiveRate', 'rocAuc')
            ))
            for name, rates in groups.items()
        ]
        header = (
            'Group', 'n', 'Leavers', 'Leaving rate', 'Selection rate', 'Recall', 'Precision', 'False positive rate', 'ROC AUC'
        )
        parts.append(f'### {titles[attribute]}\n\n' + _table(header, rows) + '\n\n' + _widest_gap(groups))
    return '\n\n'.join(parts)


def _widest_gap(groups: dict[str, dict]) -> str:
    sentences = []
    for key, name in (('selectionRate', 'The selection rate'), ('recall', 'Recall')):
        known = {group: rates[key] for group, rates in groups.items() if rates[key] is not None}
        if len(known) > 1:
            low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
            sentences.append(f'{name} goes from {known[low]:.3f} ({low}) to {known[high]:.3f} ({high}).')
    return ' '.join(sentences)


def _limits() -> str:
    return (
        '## Limits\n\n'
        '- Fictional data: the figures say how well the model learned a sample, not how people behave.\n'
        '- Current review scores 1 and 2 never occur in training; the trees cannot tell them from 3.\n'
        '- Trees do not extrapolate: a value beyond all of the training data counts as the furthest one seen there.\n'
        '- A category that the model does not know counts as the average employee inside the graph. The service refuses '
        'it instead; whoever runs the graph directly must do the same.\n'
        '- Age, gender and marital status are inputs, and groups are treated differently where they leave at '
        'different rates.'
    )


def _snippet(contract: dict) -> str:
    return (
        '## How to use\n\n'
        '```python\n'
        'import json\n\n'
        'import numpy as np\n'
        'import onnxruntime\n\n'
        "contract = json.load(open('contract.json', encoding='utf-8'))\n"
        "session = onnxruntime.InferenceSession('model.onnx')\n\n"
        "employee = contract['examples'][0]['input']\n"
        "dtypes = {'string': object, 'float32': np.float32}\n"
        'tensors = {\n'
        "    part['name']: np.array([[employee[name] for name in part['features']]], dtypes[part['type']])\n"
        "    for part in contract['graph']['inputs']\n"
        '}\n'
        "probability = session.run([contract['graph']['output']], tensors)[0][0]\n"
        "print(probability, probability >= contract['output']['threshold'])\n"
        '```\n\n'
        f'For its first example this prints {contract["examples"][0]["probability"]:.4f} and '
        f'{contract["examples"][0]["probability"] >= contract["output"]["threshold"]}. Check the values against the '
        'contract first: the graph accepts anything.'
    )


def _checks(contract: dict, parity: dict) -> str:
    rows = [
        (stratum, f'{part["rows"]:,}', f'{part["maxAbsDifference"]:.2g}', f'{part["labelFlips"]}')
        for stratum, part in parity['strata'].items()
    ]
    return (
        '## Checks\n\n'
        f'The graph against the Python pipeline, over {parity["rows"]:,} made-up rows: largest difference '
        f'{parity["maxAbsDifference"]:.2g} (at most {parity["tolerance"]:.0e} is accepted), {parity["labelFlips"]} labels '
        'changed.\n\n' + _table(('Rows', 'Count', 'Largest difference', 'Labels changed'), rows)
        + f'\n\n`contract.json` holds {len(contract["golden"])} golden cases to replay on any runtime.'
    )


def _provenance(contract: dict) -> str:
    provenance = contract['provenance']
    packages = ', '.join(f'{name} {version}' for name, version in provenance['packages'].items())
    lines = [
        f'- {provenance["algorithm"]}.',
        f'- Made {provenance["trainedAt"]} with Python {provenance["python"]}: {packages}.',
        *([f'- Seed {provenance["seed"]}.'] if 'seed' in provenance else []),
        f'- `model.onnx`: {contract["graph"]["bytes"]:,} bytes, sha256 `{contract["graph"]["sha256"]}`, opsets '
        f'{json.dumps(contract["graph"]["opsets"])}.',
        *(f'- `{name}`: sha256 `{digest}`.' for name, digest in provenance['data'].items()),
    ]
    return '## Provenance\n\n' + '\n'.join(lines)


def _interval(interval: dict) -> str:
    low = f'above {interval["min"]:g}' if interval.get('exclusiveMin') else f'{interval["min"]:g}'
    high = f'below {interval["max"]:g}' if interval.get('exclusiveMax') else f'{interval["max"]:g}'
    return f'{low} to {high}'


def _rate(value: float | None) -> str:
    return '–' if value is None else f'{value:.3f}'


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ('---',) * len(header), *rows]
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)
