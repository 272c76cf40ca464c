import './file.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import type { Text } from '../../common/contract/text.ts';
import { may, type TabProps } from '../backend.ts';
import { Failure } from '../failure.tsx';
import type { Language } from '../language.ts';
import { outputCharts } from '../outputs/charts.ts';
import { outputView } from '../outputs/views.ts';
import { save } from '../save.ts';
import { problemTexts } from '../texts.ts';
import { useAskBeforeLeaving } from '../use-ask-before-leaving.ts';
import { ChosenFiles } from './chosen-files.tsx';
import { DropZone } from './drop-zone.tsx';
import { MapColumns } from './map-columns.tsx';
import { describeFaults } from './notes.ts';
import type { FileFault } from './read-file-rows.ts';
import { rememberedMapping } from './remembered.ts';
import { resultsCsv } from './results-csv.ts';
import { ResultsTable } from './results-table.tsx';
import { findRepeated, type Row, type Summary, summarise } from './rows.ts';
import {
  doneSummary,
  faultPlace,
  fileTitle,
  mapTexts,
  notRecorded,
  predictButton,
  predictedEarlier,
  predictRest,
  progressOf,
  readSummary,
  repeatedIdentifiers,
  texts,
} from './texts.ts';
import { type FileRun, useFileRun, type Work } from './use-file-run.ts';

/** Predicts the records of a file: chosen, checked, predicted, looked at, taken away. */
export function FileTab({ backend, contract, language }: TabProps) {
  const { run, add, map, predict, cancel, clear } = useFileRun(backend, contract);
  const { selection, refusal, faults, rows, work } = run;
  const { capabilities } = backend;
  useAskBeforeLeaving(rows !== null);
  return (
    <>
      <section class="panel no-print">
        <h2>{fileTitle(contract)[language]}</h2>
        <DropZone contract={contract} language={language} offline={backend.offline} add={add} />
        <ChosenFiles selection={selection} isRead={rows !== null} contract={contract} language={language} />
        {refusal && (
          <p class="failure" role="alert">
            {refusal[language]}
          </p>
        )}
        {faults.length > 0 && <FileFaults faults={faults} contract={contract} language={language} />}
        {faults.length > 0 && <MapColumns key={describeKey(faults)} {...{ faults, contract, language, map }} />}
        {selection.kind !== 'none' && !work && rememberedMapping(contract).size > 0 && (
          <button type="button" class="plain small" onClick={() => map(new Map())}>
            {mapTexts.forget[language]}
          </button>
        )}
        {work && <Progress work={work} language={language} cancel={cancel} />}
        {rows === null && run.failure !== null && <Failure error={run.failure} language={language} />}
        {selection.kind !== 'none' && !work && (
          <button type="button" onClick={clear}>
            {texts.clear[language]}
          </button>
        )}
      </section>
      {rows && work?.kind !== 'predicting' && (
        <Results
          rows={rows}
          run={run}
          contract={contract}
          language={language}
          linked={capabilities.history && may(capabilities, 'read')}
          predict={predict}
        />
      )}
    </>
  );
}

function FileFaults({ faults, contract, language }: { faults: FileFault[]; contract: Contract; language: Language }) {
  return (
    <div class="failure" role="alert">
      <h3>{texts.cannotRead[language]}</h3>
      <ul>
        {faults.flatMap(({ file, line, violations }) =>
          describeFaults(violations, contract, language).map((note) => (
            <li key={`${file} ${note}`}>
              {file !== '' && <strong>{faultPlace(file, line)[language]}: </strong>}
              {note}
            </li>
          )),
        )}
      </ul>
      <p>{texts.cannotReadHelp[language]}</p>
    </div>
  );
}

/** The choices of one file are not those of the next. */
function describeKey(faults: readonly FileFault[]): string {
  return JSON.stringify(faults.map(({ file, violations }) => [file, violations.map(({ fields }) => fields)]));
}

function Progress({ work, language, cancel }: { work: Work; language: Language; cancel(): void }) {
  const [text, share] =
    work.kind === 'reading'
      ? [texts.reading[language], work.share]
      : [
          `${texts.predicting[language]} – ${progressOf(work.answered, work.total)[language]}`,
          work.answered / Math.max(work.total, 1),
        ];
  return (
    <div class="file-progress">
      <label>
        <span class="numbers">{text}</span>
        <progress value={share} max={1} />
      </label>
      <button type="button" onClick={cancel}>
        {texts.cancel[language]}
      </button>
    </div>
  );
}

type ResultsProps = {
  rows: Row[];
  run: FileRun;
  contract: Contract;
  language: Language;
  linked: boolean;
  predict(): void;
};

function Results({ rows, run, contract, language, linked, predict }: ResultsProps) {
  const { output } = contract;
  const summary = useMemo(() => summarise(rows, outputView(output)), [rows, output]);
  const { Counts } = outputView(output);
  const { Distribution, distributionTitle } = outputCharts(output);
  const heading = useRef<HTMLHeadingElement>(null);
  const isAnswered = summary.predicted > 0;
  // The focused control (the file input, or a button that is gone) has done its work.
  useEffect(() => heading.current?.focus(), [rows]);

  if (rows.length === 0) return <Panel heading={heading} title={texts.check[language]} said={texts.empty[language]} />;
  const said = isAnswered
    ? doneSummary(summary.predicted, summary.refused)
    : readSummary(summary.total, summary.refused);
  return (
    <>
      <Panel heading={heading} title={(isAnswered ? texts.results : texts.check)[language]} said={said[language]}>
        {isAnswered && <Counts counts={summary.groups} language={language} />}
        <Notices {...{ rows, run, summary, contract, language }} />
        <p class="row no-print">
          {summary.ready > 0 && (
            <button type="button" class="primary" onClick={predict}>
              {(isAnswered ? predictRest : predictButton)(summary.ready)[language]}
            </button>
          )}
          {isAnswered && (
            <button type="button" onClick={() => saveResults(rows, contract, language)}>
              {texts.download[language]}
            </button>
          )}
        </p>
      </Panel>
      {isAnswered && (
        <section class="panel">
          <h3>{distributionTitle[language]}</h3>
          <Distribution outcomes={summary.outcomes} language={language} />
        </section>
      )}
      {(isAnswered || summary.refused > 0 || summary.warned > 0) && (
        <section class="panel">
          <ResultsTable key={String(isAnswered)} {...{ rows, summary, contract, language, linked }} />
        </section>
      )}
    </>
  );
}

type PanelProps = {
  heading: { current: HTMLHeadingElement | null };
  title: string;
  said: string;
  children?: ComponentChildren;
};

function Panel({ heading, title, said, children }: PanelProps) {
  return (
    <section class="panel">
      <h2 ref={heading} tabIndex={-1} class="results-heading">
        {title}
      </h2>
      <p role="status">{said}</p>
      {children}
    </section>
  );
}

type NoticesProps = { rows: readonly Row[]; run: FileRun; summary: Summary; contract: Contract; language: Language };

function Notices({ rows, run, summary, contract, language }: NoticesProps) {
  const repeated = useMemo(() => findRepeated(rows), [rows]);
  const notices = [
    run.cut ? texts.cut : null,
    summary.ready + summary.predicted === 0 ? texts.noneValid : null,
    summary.ready > 0 && run.predictedAt !== null ? predictedEarlier(run.predictedAt) : null,
    repeated.length > 0 && contract.identifier ? repeatedIdentifiers(repeated, contract.identifier.label) : null,
    run.notRecorded > 0 ? notRecorded(run.notRecorded) : null,
    run.stopped && textOf(run.stopped),
  ].filter((it) => it !== null);
  return (
    <>
      {notices.map((notice) => (
        <p key={notice.en} class="caution">
          {notice[language]}
        </p>
      ))}
      {run.notes.length > 0 && (
        <ul class="small file-notes" aria-label={texts.readAs[language]}>
          {run.notes.map(({ rule, message, file }) => (
            <li key={`${rule} ${file} ${message.en}`}>
              {file !== undefined && <strong>{faultPlace(file, 0)[language]} – </strong>}
              {message[language]}
            </li>
          ))}
        </ul>
      )}
      {run.failure !== null && <Failure error={run.failure} language={language} />}
    </>
  );
}

function textOf(stopped: NonNullable<FileRun['stopped']>): Text {
  if (!('type' in stopped)) return stopped;
  const known: Readonly<Record<string, Text>> = problemTexts;
  return known[stopped.type.replace('/problems/', '')] ?? { fr: stopped.detail, en: stopped.detail };
}

function saveResults(rows: readonly Row[], contract: Contract, language: Language): void {
  const [first] = rows;
  const name = first ? first.file.replace(/\.[^.]*$/, '') : contract.name;
  save(resultsCsv(rows, contract, language), `${name}-predictions.csv`, 'text/csv');
}
