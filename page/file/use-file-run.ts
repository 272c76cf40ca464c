import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import type { Text } from '../../common/contract/text.ts';
import type { ColumnMapping } from '../../common/tables/match-columns.ts';
import type { TableNote } from '../../common/tables/table-notes.ts';
import { type Backend, PageError } from '../backend.ts';
import { type Ending, predictRows } from './predict-rows.ts';
import { type FileFault, readFileRows, readHeader } from './read-file-rows.ts';
import { createRecogniser, missingGroups, type RecognisedFile, type Selection, select } from './recognise-files.ts';
import { digestOf, predictedBefore, rememberedMapping, rememberMapping, rememberPredicted } from './remembered.ts';
import type { Row } from './rows.ts';
import { faultText, texts, tooManyRows } from './texts.ts';

/** The shortest time between two drawings of the progress: a hundred thousand answers must not be as many drawings. */
const PROGRESS_INTERVAL_MS = 100;

export type Work = { kind: 'reading'; share: number } | { kind: 'predicting'; answered: number; total: number };

export type FileRun = {
  selection: Selection<File>;
  /** Why the files chosen last are refused. */
  refusal: Text | null;
  faults: FileFault[];
  /** Null until the files are read. */
  rows: Row[] | null;
  /** Whether the file broke off before its end. */
  cut: boolean;
  /** How the files were read, where that was not plain. */
  notes: TableNote[];
  /** When the same files were predicted before in this browser, and recorded; null where they were not. */
  predictedAt: string | null;
  work: Work | null;
  /** Why predicting ended early. */
  stopped: Problem | Text | null;
  failure: unknown;
  notRecorded: number;
};

const NOTHING: FileRun = {
  selection: { kind: 'none' },
  refusal: null,
  faults: [],
  rows: null,
  cut: false,
  notes: [],
  predictedAt: null,
  work: null,
  stopped: null,
  failure: null,
  notRecorded: 0,
};

export type FileRunControls = {
  run: FileRun;
  add(files: readonly File[]): void;
  /** Reads the files again, with these columns as these fields, and remembers them; an empty mapping forgets all. */
  map(chosen: ColumnMapping): void;
  predict(): void;
  /** Stops the work; the answered rows stay. */
  cancel(): void;
  clear(): void;
};

/** Recognises, reads and checks the chosen files; then predicts them, when the visitor asks for it. */
export function useFileRun(backend: Backend, contract: Contract): FileRunControls {
  const [run, setRun] = useState(NOTHING);
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);

  const isRecorded = backend.capabilities.history && !backend.offline;
  const change = (changes: Partial<FileRun>) => setRun((before) => ({ ...before, ...changes }));

  /** Stops the work before, runs a step, and shows its failure. */
  function begin(step: (signal: AbortSignal) => Promise<void>): void {
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    step(signal).catch((failure: unknown) => {
      if (!signal.aborted) change({ work: null, failure });
    });
  }

  async function add(files: readonly File[], before: Selection<File>, signal: AbortSignal): Promise<void> {
    const mapping = rememberedMapping(contract);
    const recognise = createRecogniser(contract, mapping);
    const added = await Promise.all(
      files.map(async (file): Promise<RecognisedFile<File>> => {
        return { file, name: file.name, role: recognise(await readHeader(file, contract, mapping), file.name) };
      }),
    );
    if (signal.aborted) return;
    const selection = select(before, added);
    if ('fault' in selection) return change({ refusal: faultText(selection.fault) });
    setRun({ ...NOTHING, selection });
    if (selection.kind === 'none' || missingGroups(contract, selection).length > 0) return;
    await read(selection, signal);
  }

  async function read(selection: Exclude<Selection<File>, { kind: 'none' }>, signal: AbortSignal): Promise<void> {
    const { maxRows, maxBytes } = backend.capabilities.batch;
    if (sizeOf(selection) > maxBytes) return change({ refusal: texts.tooLarge });
    const onProgress = throttle((share: number) => {
      if (!signal.aborted) change({ work: { kind: 'reading', share } });
    });
    const mapping = rememberedMapping(contract);
    const reading = await readFileRows(selection, contract, { maxRows, mapping, onProgress, signal });
    if (signal.aborted) return;
    if (!reading.ok) return change({ work: null, faults: reading.faults });
    if (reading.tooMany) return change({ work: null, refusal: tooManyRows(maxRows) });
    const digest = isRecorded ? await digestOf(filesOf(selection)) : null;
    if (signal.aborted) return;
    const predictedAt = digest === null ? null : predictedBefore(contract, digest);
    change({ work: null, rows: reading.rows, cut: reading.cut, notes: reading.notes, predictedAt });
  }

  /** Remembers the files of which anything was predicted, and recorded. */
  async function remember(rows: readonly Row[]): Promise<void> {
    const { selection } = run;
    if (!isRecorded || selection.kind === 'none' || !rows.some(({ status }) => status === 'predicted')) return;
    const digest = await digestOf(filesOf(selection));
    if (digest !== null) rememberPredicted(contract, digest, new Date());
  }

  async function predict(rows: Row[], signal: AbortSignal): Promise<void> {
    const total = rows.filter(({ status }) => status === 'ready').length;
    change({ failure: null, stopped: null, work: { kind: 'predicting', answered: 0, total } });
    const onProgress = throttle((answered: number) => {
      if (!signal.aborted) change({ work: { kind: 'predicting', answered, total } });
    });
    let ending: Ending = null;
    try {
      await backend.ready;
      const predictFile: Backend['predictFile'] = (file, cut) => backend.predictFile(file, cut);
      ending = await predictRows(rows, { contract, predictFile, signal, onProgress }).finally(() => remember(rows));
    } catch (failure) {
      if (!signal.aborted) return change({ rows: [...rows], work: null, failure });
    }
    // Another list of the same rows, which tells that they have changed.
    if (signal.reason === CANCELLED) return change({ rows: [...rows], work: null, stopped: texts.cancelled });
    if (signal.aborted) return;
    const unsaid = ending === null ? texts.incomplete : null;
    const notRecorded = run.notRecorded + (ending?.notRecorded ?? 0);
    change({ rows: [...rows], work: null, stopped: ending?.stopped ?? unsaid, notRecorded });
  }

  return {
    run,
    add: (files) => begin((signal) => add(files, run.selection, signal)),
    map(chosen) {
      rememberMapping(contract, chosen);
      const { selection } = run;
      if (selection.kind !== 'none') begin((signal) => add(filesOf(selection), NOTHING.selection, signal));
    },
    predict() {
      const { rows } = run;
      if (rows) begin((signal) => predict(rows, signal));
    },
    cancel() {
      if (run.work?.kind === 'predicting') return abort.current.abort(CANCELLED);
      abort.current.abort();
      setRun(NOTHING);
    },
    clear() {
      abort.current.abort();
      setRun(NOTHING);
    },
  };
}

const CANCELLED = new PageError(texts.cancelled);

function filesOf(selection: Exclude<Selection<File>, { kind: 'none' }>): File[] {
  const files = selection.kind === 'whole' ? [selection.file] : [...selection.files.values()];
  return files.map(({ file }) => file);
}

function sizeOf(selection: Exclude<Selection<File>, { kind: 'none' }>): number {
  return filesOf(selection).reduce((sum, { size }) => sum + size, 0);
}

function throttle<T>(show: (value: T) => void): (value: T) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (value) => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL_MS) return;
    last = now;
    show(value);
  };
}
