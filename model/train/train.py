"""Trains the attrition model on the three extracts and writes the folder that is published.

    python train.py --data DIR --out ..
"""

import argparse
import time
from pathlib import Path

from data import read_extracts
from errors import run
from evaluate import QUICK, Plan
from pipeline import fit_pair, new_encoder, new_model
from publish import Version, publish


def main() -> None:
    options = _parser().parse_args()
    version = Version(options.name, options.version)
    started = time.monotonic()

    def progress(line: str) -> None:
        print(f'[{time.monotonic() - started:6.1f} s] {line}', flush=True)

    extracts = read_extracts(options.data)
    progress(f'{len(extracts.target)} employees, {extracts.target.sum()} leavers')
    pair = fit_pair(extracts.frame, extracts.target, new_encoder(), new_model(options.seed))
    plan = Plan(seed=options.seed, **(QUICK if options.quick else {}))
    contract = publish(
        pair.encoder, pair.model, options.out, version, seed=options.seed, extracts=extracts, plan=plan,
        threshold=None, parity_seed=options.seed, progress=progress,
    )
    for name, value in contract['metrics'].items():
        if name != 'method':
            progress(f'{name}: {value["mean"]:.3f} ± {value["std"]:.3f}')
    progress(f'threshold {contract["output"]["threshold"]}, {contract["graph"]["bytes"]} bytes, wrote {options.out}')


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='folder of the three extracts (extrait_*.csv)')
    parser.add_argument('--out', type=Path, required=True, help='folder to write model.onnx, contract.json… to')
    parser.add_argument('--name', default='technova-attrition', help='name of the model (default: %(default)s)')
    parser.add_argument('--version', default='1.0.2', help='version of the model (default: %(default)s)')
    parser.add_argument('--seed', type=int, default=42, help='seed of the folds, trees and made-up rows (default: 42)')
    parser.add_argument('--quick', action='store_true', help='a shorter cross-validation, to try things out')
    return parser


if __name__ == '__main__':
    run(main)
