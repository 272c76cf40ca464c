import { describe, expect, it } from 'vitest';
import { outputKind } from '../contract/outputs/outputs.ts';
import { attrition } from '../test/contracts.ts';
import { BatchAnswer, type BatchResult, type BatchSummary } from './answers.ts';
import { BATCH_FORMATS } from './batch-format.ts';

const predicted: BatchResult = {
  line: 2,
  file: 'sirh.csv',
  identifier: 7,
  id: '01a2088d-f1d4-7155-ad9e-59a6147c005e',
  label: 'leaves',
  probability: 0.625,
  threshold: 0.5,
  risk: 'high',
  warnings: [{ fields: ['age'], code: 'outside-training-range', detail: '66 is outside the values seen.' }],
  recorded: 'queued',
};
const refused: BatchResult = {
  line: 3,
  problem: {
    type: '/problems/invalid-record',
    title: 'Invalid record',
    status: 422,
    detail: 'See "errors".',
    errors: [{ fields: ['age', 'years'], rule: 'order', detail: 'Too many years, for that age.' }],
  },
};
const summary: BatchSummary = {
  rows: 2,
  predicted: 1,
  refused: 1,
  notRecorded: 0,
  model: { name: 'made-up', version: '1.0.0', sha256: 'a'.repeat(12), contractSha256: 'c'.repeat(12) },
};

function write(type: keyof typeof BATCH_FORMATS, groups: BatchResult[][], end = summary): string {
  const writer = BATCH_FORMATS[type](outputKind(attrition.output));
  return writer.start + groups.map((group, i) => writer.results(group, i === 0)).join('') + writer.end(end);
}

describe('a batch is written', () => {
  it('as one JSON document, however its results are grouped', () => {
    for (const groups of [[[predicted, refused]], [[predicted], [refused]]])
      expect(BatchAnswer.parse(JSON.parse(write('application/json', groups)))).toEqual({
        results: [predicted, refused],
        summary,
      });
    expect(JSON.parse(write('application/json', []))).toEqual({ results: [], summary });
  });

  it('as NDJSON, a result a line and the summary at the end', () => {
    const lines = write('application/x-ndjson', [[predicted], [refused]]).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line))).toEqual([predicted, refused, { summary }]);
  });

  it('as CSV, a row a line, and the reason if it stopped', () => {
    const stopped = { ...summary, stopped: { ...refused.problem, title: 'Too many rows', detail: 'At most 2.' } };
    delete stopped.stopped.errors;
    expect(write('text/csv', [[predicted, refused]]).split('\r\n')).toEqual([
      'line,file,id,identifier,label,probability,threshold,risk,warnings,recorded,problem,errors',
      '2,sirh.csv,01a2088d-f1d4-7155-ad9e-59a6147c005e,7,leaves,0.625,0.5,high,66 is outside the values seen.,queued,,',
      '3,,,,,,,,,,Invalid record,"age, years: Too many years, for that age."',
      '',
    ]);
    const peculiar = { ...predicted, file: '=1,2.csv', identifier: null, label: 'no, stays', warnings: [] };
    expect(write('text/csv', [[peculiar]])).toContain(
      `2,"'=1,2.csv",${predicted.id},,"no, stays",0.625,0.5,high,,queued,,\r\n`,
    );
    expect(write('text/csv', [], stopped)).toContain('3,,,,,,,,,,Too many rows,At most 2.');
  });
});
