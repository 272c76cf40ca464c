"""From a pair to the folder that is published: one path for trained and for converted models."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from category_encoders import TargetEncoder
from xgboost import XGBClassifier

import card
import contract as contracts
import golden
import json_text
import pair as pairs
from baseline import baseline
from data import Extracts
from errors import ModelError
from evaluate import CrossValidation, Plan, calibration_bins, cross_validate, shuffled_target_auc
from examples import examples
from export_onnx import export_graph
from fairness import by_group
from parity import compare


@dataclass(frozen=True)
class Version:
    """A model's name (lower case, dashes) and version (three numbers)."""

    name: str
    version: str

    def __post_init__(self):
        if not re.fullmatch(r'[a-z0-9]+(-[a-z0-9]+)*', self.name):
            raise ModelError(f'the name must be lower-case words joined by dashes, not "{self.name}"')
        if not re.fullmatch(r'\d+\.\d+\.\d+', self.version):
            raise ModelError(f'the version must be three numbers such as 1.0.0, not "{self.version}"')


def publish(encoder: object, model: object, out: Path, version: Version, *, seed: int | None, extracts: Extracts | None,
            plan: Plan | None, threshold: float | None, parity_seed: int,
            progress: Callable[[str], None] = print) -> dict:
    """Measure, convert, compare and write model.onnx, contract.json, parity.json, evaluation.json and README.md.

    extracts and plan: the data to cross-validate copies of the pair on; without them, `threshold` is required and the
    contract has neither metrics nor baseline. seed: the one that trained the pair, None if unknown. Returns the contract. Raises ModelError before writing anything when
    the pair cannot be converted or the graph does not give the pipeline's answers.
    """
    pair = pairs.check_pair(encoder, model)
    frame = extracts.frame[list(pair.columns)] if extracts else None
    features = contracts.model_features(pair, frame)
    validation = None
    if extracts and plan:
        validation = cross_validate(frame, extracts.target, encoder, model, plan, progress)
        threshold = validation.threshold if threshold is None else threshold
    if threshold is None:
        raise ModelError('a threshold is needed where there is no data to choose it from')
    chosen = validation is not None and threshold == validation.threshold

    progress('exporting the graph')
    graph = export_graph(pair, version.name, version.version)
    progress('comparing the graph with the pipeline')
    parity = compare(pair, graph, features, threshold, parity_seed)
    parity.require()

    contract = contracts.assemble(
        pair=pair, graph=graph, features=features, combinations=contracts.seen_combinations(frame, features),
        name=version.name, version=version.version,
        base_rate=float(extracts.target.mean()) if extracts else pairs.prior(pair),
        threshold=threshold, criterion=contracts.VALIDATED_CRITERION if chosen else contracts.GIVEN_CRITERION,
        parity=parity.report, golden=golden.choose(parity, features), examples=examples(pair, features),
        data=extracts.sha256 if extracts else {}, seed=seed,
        metrics={'method': validation.plan.method, **validation.metrics} if validation else None,
        baseline=baseline(frame, extracts.target, features, validation.probability[0]) if validation else None,
    )
    evaluation = None
    if validation:
        progress('control: the same procedure on a shuffled target')
        evaluation = _evaluation(extracts, frame, encoder, model, validation)

    out.mkdir(parents=True, exist_ok=True)
    (out / 'model.onnx').write_bytes(graph.bytes)
    _write(out / 'contract.json', json_text.dumps(contract))
    _write(out / 'parity.json', json_text.dumps(
        {'name': version.name, 'version': version.version, 'sha256': contract['graph']['sha256'], **parity.report}
    ))
    if evaluation:
        _write(out / 'evaluation.json', json_text.dumps(evaluation))
    else:
        # One of another version would describe a model that is no longer here.
        (out / 'evaluation.json').unlink(missing_ok=True)
    _write(out / 'README.md', card.render(contract, parity.report, evaluation))
    return contract


def _evaluation(extracts: Extracts, frame: pd.DataFrame, encoder: TargetEncoder, model: XGBClassifier,
                validation: CrossValidation) -> dict:
    """What the card says beyond the contract: calibration, groups, controls. Aggregates only."""
    # Every repetition predicts every row once.
    repeated = np.tile(extracts.target, len(validation.probability))
    return {
        'method': validation.plan.method,
        'metrics': validation.metrics,
        'threshold': {
            'published': validation.threshold,
            'foldMean': float(validation.fold_thresholds.mean()),
            'foldStd': float(validation.fold_thresholds.std(ddof=1)),
        },
        'shuffledTargetRocAuc': shuffled_target_auc(frame, extracts.target, encoder, model, validation.plan),
        'calibration': calibration_bins(repeated, validation.probability.ravel()),
        'groups': by_group(frame, extracts.target, validation),
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding='utf-8', newline='\n')
