"""From a fitted pipeline and a sample to a model folder."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from . import contract as writing
from .answers import Model, read_model
from .columns import UNKNOWN, Column, covered_range, read_columns, to_frame
from .errors import PackError
from .graph import Exported, exports
from .parity import Parity, compare
from .rows import made_up_rows, rows_to_show
from .target import without_transform
from .verify import verify

GOLDEN = 250
SEED = 0
# A difference that is worth no search for a smaller one.
ENOUGH = 5e-7


@dataclass(frozen=True)
class Packed:
    """What was made."""

    folder: Path
    parity: Parity
    tolerance: float
    # Whether the serving runtime has replayed the golden cases. False outside the repository.
    is_verified: bool
    # What a person should look at.
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        verified = 'verified in the serving runtime' if self.is_verified else 'not verified yet: npm run verify-model -- DIR'
        found = f'{self.parity.difference:.1e} over {self.parity.rows} rows, {self.parity.flips} labels flipped'
        return '\n'.join([f'{self.folder}: {verified}', f'Largest difference: {found}', *(f'Look at {it}' for it in self.notes)])


def pack(
    pipeline: Any,
    X: pd.DataFrame | np.ndarray,
    y: Any,
    *,
    name: str,
    version: str,
    out: str | Path,
    threshold: float = 0.5,
    positive: Any = None,
    criterion: str | None = None,
    subject: str | tuple[str, str] = 'record',
    target: str | None = None,
    title: str | None = None,
    description: str | None = None,
    license: str = 'other',
) -> Packed:
    """Writes model.onnx, contract.json and README.md of a fitted pipeline into `out`.

    X and y are training rows. The contract tells of them what stands for five rows or more. Raises a PackError that
    says what to do, before it writes anything, for a pipeline that cannot be packed.
    """
    if not re.fullmatch(r'[a-z0-9]+(-[a-z0-9]+)*', name):
        raise PackError(f'The name {name!r} must be of lower-case letters, digits and hyphens: "loan-default".')
    if not re.fullmatch(r'\d+\.\d+\.\d+', version):
        raise PackError(f'The version {version!r} must be three numbers: "1.0.0".')
    if not 0 < threshold < 1:
        raise PackError(f'The threshold {threshold} must lie between 0 and 1.')
    model = read_model(pipeline, isinstance(X, np.ndarray))
    whole = pd.DataFrame(X, columns=[f'x{i}' for i in range(X.shape[1])]) if isinstance(X, np.ndarray) else X
    unused = _unused(pipeline, list(whole.columns))
    sample = whole.drop(columns=unused).reset_index(drop=True)
    columns = [_with_policy(column, model, sample) for column in read_columns(sample)]
    at = _positive(model, positive)

    def labels(answers: np.ndarray) -> np.ndarray:
        return answers[:, at] >= threshold if answers.shape[1] == 2 else answers.argmax(axis=1)

    rows = made_up_rows(columns, np.random.default_rng(SEED))
    made_up = to_frame(rows, columns)
    answers = model.answer(made_up)
    both = pd.concat([sample.astype({it.name: made_up[it.name].dtype for it in columns if it.is_text}), made_up], ignore_index=True)
    expected = np.concatenate([model.answer(sample), answers])
    exported, parity = _best(model, columns, both, expected, None if model.classes is None else labels)
    tolerance = parity.tolerance
    if tolerance is None:
        where = both.iloc[parity.worst].to_dict() if parity.worst >= len(sample) else f'row {parity.worst} of X'
        raise PackError(
            f'The graph differs from the pipeline by {parity.difference:.2g} at {where}; 1e-5 is allowed. '
            'Give the pipeline numbers that float32 holds (X.astype("float32") before fit), or use another model.'
        )
    chosen = _golden(model, columns, rows, answers, None if model.classes is None else labels, at, threshold)
    target_name = target or str(getattr(y, 'name', None) or 'target')
    singular, plural = (subject, f'{subject}s') if isinstance(subject, str) else subject
    if criterion is None:
        criterion = 'Not chosen: a half.' if threshold == 0.5 else 'Given with the model.'
    typical = _typical(columns, sample)
    values = np.asarray(y, np.float64) if model.classes is None else np.zeros(1)
    made = {
        'contractVersion': 2,
        'name': name,
        'version': version,
        'title': writing.text(title or name),
        'description': writing.text(description or f'Predicts {target_name} of one {singular}.'),
        'license': license,
        'subject': {'singular': writing.text(singular), 'plural': writing.text(plural)},
        'graph': writing.describe_graph(exported, model, at),
        'groups': [{'id': 'features', 'label': writing.text('Features')}],
        'features': [writing.describe_feature(column, exported.token) for column in columns],
        'ignored': [{'name': it, 'reason': writing.text('The pipeline does not use it.')} for it in unused],
        'output': writing.describe_output(model, target_name, at, threshold, criterion, _covered(values)),
        'parity': writing.describe_parity(parity, tolerance),
        'examples': [{
            'label': writing.text(f'A typical {singular}'),
            'input': dict(zip((it.name for it in columns), typical)),
            **writing.expectation(model, model.answer(to_frame([typical], columns))[0], at),
        }],
        'golden': [{'values': rows[it], **writing.expectation(model, answers[it], at)} for it in chosen],
        'provenance': writing.provenance(model),
    }
    notes = [note for column in columns for note in column.notes()]
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'model.onnx').write_bytes(exported.content)
    content = json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / 'contract.json').write_text(content + '\n', encoding='utf-8')
    (folder / 'README.md').write_text(writing.card(made, notes), encoding='utf-8')
    return Packed(folder, parity, tolerance, verify(folder), notes)


def _covered(values: np.ndarray) -> np.ndarray:
    """The target without the values of fewer than five rows at either end."""
    return np.array(covered_range(values, False))


def _unused(pipeline: Any, names: list[str]) -> list[str]:
    """The columns that the pipeline's first step drops."""
    inner, _ = without_transform(pipeline)
    first = inner.steps[0][1] if isinstance(inner, Pipeline) else inner
    if not isinstance(first, ColumnTransformer):
        return []
    used: set[str] = set()
    for _, step, chosen in first.transformers_:
        if isinstance(step, str) and step == 'drop':
            continue
        parts = [chosen] if isinstance(chosen, (str, int)) else list(chosen)
        if not all(isinstance(part, str) for part in parts):
            return []
        used.update(parts)
    return [it for it in names if it not in used]


def _with_policy(column: Column, model: Model, sample: pd.DataFrame) -> Column:
    """Whether the pipeline takes an unknown category: it is asked."""
    if not column.is_text:
        return column
    row = sample.head(1).astype({column.name: object})
    row.loc[row.index[0], column.name] = UNKNOWN
    return column.with_unknown() if model.takes(row) else column


def _positive(model: Model, positive: Any) -> int:
    if model.classes is None or positive is None:
        return 1
    spelled = [writing.spell(it) for it in model.classes]
    if len(spelled) != 2 or writing.spell(positive) not in spelled:
        raise PackError(f'The positive class {positive!r} is none of two classes: {", ".join(spelled)}.')
    return spelled.index(writing.spell(positive))


def _best(model: Model, columns: list[Column], frame: pd.DataFrame, expected: np.ndarray, labels) -> tuple[Exported, Parity]:
    """The graph that differs least from the pipeline."""
    best: tuple[Exported, Parity] | None = None
    errors: list[Exception] = []
    for exported in exports(model, columns):
        try:
            parity = compare(exported, frame, expected, labels)
            if labels is not None and np.isinf(parity.difference):
                exported = exported.with_probabilities_kept_in()
                parity = compare(exported, frame, expected, labels)
        # ONNX Runtime raises errors of its own for graphs that it cannot run.
        except Exception as error:  # noqa: BLE001
            errors.append(error)
            continue
        if best is None or parity.difference < best[1].difference:
            best = exported, parity
        if parity.difference <= ENOUGH:
            break
    if best is None:
        raise PackError(f'ONNX Runtime cannot run the graph of this pipeline. It says: {errors[-1]}') from errors[-1]
    return best


def _golden(
    model: Model, columns: list[Column], rows: list[list], answers: np.ndarray, labels, positive: int, threshold: float,
) -> list[int]:
    """Records that show every value, and every label. None is so near a decision that rounding may turn it."""
    if labels is None:
        clear = np.ones(len(rows), bool)
    elif answers.shape[1] == 2:
        clear = np.abs(answers[:, positive] - threshold) > 1e-4
    else:
        ordered = np.sort(answers, axis=1)
        clear = ordered[:, -1] - ordered[:, -2] > 1e-4
    needed = rows_to_show(columns)
    chosen = [it for it in range(max(GOLDEN, needed)) if clear[it]]
    if labels is None:
        return chosen
    given = labels(answers)
    for at, label in enumerate(model.classes):
        wanted = given == (at == positive) if len(model.classes) == 2 else given == at
        found = np.flatnonzero(wanted & clear)
        if len(found) == 0:
            raise PackError(
                f'The model gives none of {len(rows)} made-up records the label {writing.spell(label)!r}. '
                'Give another threshold, or fit a model that predicts it.'
            )
        chosen.extend(int(it) for it in found[:3] if it not in chosen)
    return chosen


def _typical(columns: list[Column], sample: pd.DataFrame) -> list:
    """The middle of each number, and the most frequent of the other values."""
    values: list = []
    for column in columns:
        given = sample[column.name].dropna()
        if column.seen is None:
            frequent = given.mode().iloc[0]
            values.append(bool(frequent) if column.kind == 'boolean' else str(frequent))
            continue
        middle = float(np.clip(np.median(given.to_numpy(np.float64)), *column.seen))
        values.append(int(round(middle)) if column.kind == 'integer' else float(f'{middle:.3g}'))
    return values
