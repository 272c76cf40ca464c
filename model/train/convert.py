"""Converts an existing pair of joblib files into the folder that is published.

    python convert.py --model model.joblib --encoder te_encoder.joblib --out DIR

The pair: a fitted category_encoders.TargetEncoder and a fitted xgboost.XGBClassifier (binary:logistic), whose feature
names are columns of the extracts, in any order. Categories that the encoder leaves alone must have been coded as
genre F=0 M=1, heure_supplementaires Non=0 Oui=1, frequence_deplacement Aucun=0 Occasionnel=1 Frequent=2, and the raise
in percent points (11, not 0.11). The files cannot tell: check it in the code that trained them.

joblib files run code when they are read: convert only files that you trust.
"""

import argparse
from pathlib import Path

import joblib
from category_encoders import TargetEncoder
from xgboost import XGBClassifier

from data import read_extracts
from errors import ModelError, run
from evaluate import QUICK, Plan
from publish import Version, publish

DEFAULT_THRESHOLD = 0.5


def main() -> None:
    options = _parser().parse_args()
    version = Version(options.name, options.version)
    if options.threshold is not None and not 0 < options.threshold < 1:
        raise ModelError(f'--threshold must be between 0 and 1, not {options.threshold}')
    extracts = read_extracts(options.data) if options.data else None
    threshold = options.threshold
    if threshold is None and extracts is None:
        threshold = DEFAULT_THRESHOLD
    plan = Plan(seed=options.seed, **(QUICK if options.quick else {}))
    contract = publish(
        load(options.encoder, TargetEncoder), load(options.model, XGBClassifier), options.out, version,
        seed=None, extracts=extracts, plan=plan if extracts else None,
        threshold=threshold, parity_seed=options.seed,
    )
    print(f'max difference {contract["parity"]["maxAbsDifference"]:.3g} over {contract["parity"]["rows"]} rows; '
          f'threshold {contract["output"]["threshold"]}; wrote {options.out}')


def load(path: Path, kind: type) -> object:
    """The object in a joblib file. Raises ModelError if it cannot be read or is not of the `kind`."""
    try:
        value = joblib.load(path)
    except FileNotFoundError as error:
        raise ModelError(f'{path} does not exist') from error
    except Exception as error:  # unpickling can raise anything
        raise ModelError(f'{path} cannot be read with the installed packages: {error}') from error
    if not isinstance(value, kind):
        raise ModelError(f'{path} holds a {type(value).__name__}, not a {kind.__name__}')
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model', type=Path, required=True, help='joblib file of the fitted XGBClassifier')
    parser.add_argument('--encoder', type=Path, required=True, help='joblib file of the fitted TargetEncoder')
    parser.add_argument('--out', type=Path, required=True, help='folder to write model.onnx, contract.json… to')
    parser.add_argument('--name', default='technova-attrition', help='name of the model (default: %(default)s)')
    parser.add_argument('--version', default='1.0.0', help='version of the model (default: %(default)s)')
    parser.add_argument(
        '--threshold', type=float,
        help=f'probability from which an employee is called a leaver (default: chosen from --data, else {DEFAULT_THRESHOLD})',
    )
    parser.add_argument(
        '--data', type=Path,
        help='folder of the three extracts: cross-validates copies of the pair, and fills metrics and baseline in',
    )
    parser.add_argument('--seed', type=int, default=42, help='seed of the folds and made-up rows (default: 42)')
    parser.add_argument('--quick', action='store_true', help='a shorter cross-validation, to try things out')
    return parser


if __name__ == '__main__':
    run(main)
