"""futurisys-pack: packs a joblib or pickle file with a CSV file of training rows."""

import argparse
import json
import sys
from pathlib import Path

import joblib
import pandas as pd

from .errors import PackError
from .pack import pack

TRUST = (
    'A joblib or pickle file runs the code in it when it is read. Compare its sha256 with its maker\'s, '
    'and repeat the command with --trusted if you trust whoever made it.'
)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser('futurisys-pack', description='Makes a model folder of a fitted pipeline.', epilog=TRUST)
    parser.add_argument('model', type=Path, help='a joblib or pickle file of a fitted pipeline')
    parser.add_argument('--data', type=Path, required=True, help='a CSV file of training rows')
    parser.add_argument('--target', required=True, help='the column of the file that the model predicts')
    parser.add_argument('--out', type=Path, required=True, help='the folder to write')
    parser.add_argument('--name', help='the name of the model; the default is that of the folder')
    parser.add_argument('--version', default='0.1.0')
    parser.add_argument('--threshold', type=float, default=0.5)
    parser.add_argument('--positive', help='the class whose probability is answered; the default is the second one')
    parser.add_argument('--subject', default='record', help='what a row is about, such as "customer"')
    parser.add_argument('--drop', action='append', default=[], metavar='COLUMN', help='a column that was not in X; repeatable')
    parser.add_argument('--trusted', action='store_true', help='read the file, which runs the code in it')
    parser.add_argument('--json', action='store_true', help='print the result as JSON')
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    given = parse(arguments)
    try:
        packed = run(given)
    except PackError as error:
        print(json.dumps({'ok': False, 'error': str(error)}) if given.json else error, file=sys.stdout if given.json else sys.stderr)
        return 1
    if given.json:
        parity = packed.parity
        result = {
            'ok': True, 'folder': str(packed.folder), 'verified': packed.is_verified, 'rows': parity.rows,
            'largestDifference': parity.difference, 'tolerance': packed.tolerance, 'labelFlips': parity.flips, 'notes': packed.notes,
        }
        print(json.dumps(result))
    else:
        print(packed)
    return 0


def run(given: argparse.Namespace):
    if not given.trusted:
        raise PackError(TRUST)
    for file in (given.model, given.data):
        if not file.is_file():
            raise PackError(f'There is no file {file}.')
    data = pd.read_csv(given.data, sep=None, engine='python')
    absent = [it for it in (given.target, *given.drop) if it not in data.columns]
    if absent:
        raise PackError(f'{given.data} has no column {absent[0]!r}. It has: {", ".join(data.columns)}.')
    pipeline = joblib.load(given.model)
    X = data.drop(columns=[given.target, *given.drop])
    fitted_on = getattr(pipeline, 'feature_names_in_', None)
    if fitted_on is not None:
        lacking = [it for it in fitted_on if it not in X.columns]
        if lacking:
            raise PackError(f'{given.data} has no column {lacking[0]!r}, which the pipeline was fitted on.')
        X = X[list(fitted_on)]
    return pack(
        pipeline, X, data[given.target], name=given.name or given.out.resolve().name, version=given.version, out=given.out,
        threshold=given.threshold, positive=given.positive, subject=given.subject, target=given.target,
    )
