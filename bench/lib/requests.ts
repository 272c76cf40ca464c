import type { Contract } from '../../common/contract/contract.ts';
import { featureKind } from '../../common/contract/features/features.ts';
import { type FeatureRecord, toRecord } from '../../common/record/request-schema.ts';
import { createCsvWriter } from '../../common/tables/csv-writer.ts';

/** The number of different requests in a load: enough that no server gains from having seen the last one. */
const VARIANTS = 50;

/** How a kind of server is asked: the address, and the body for some records. */
export type Protocol = {
  path: (rows: number) => string;
  body: (records: readonly FeatureRecord[]) => unknown;
  headers?: Record<string, string>;
};

export const WORKER: Protocol = {
  path: (rows) => (rows === 1 ? '/v1/predict' : '/v1/predict/batch'),
  body: (records) => (records.length === 1 ? records[0] : records),
};

export const FASTAPI: Protocol = { ...WORKER, path: (rows) => (rows === 1 ? '/predict' : '/predict/batch') };

/** The Open Inference Protocol, one tensor a feature. */
export function mlserver({ features }: Contract): Protocol {
  return {
    path: () => '/v2/models/attrition/infer',
    body: (records) => ({
      inputs: features.map((feature) => ({
        name: feature.name,
        shape: [records.length, 1],
        datatype: featureKind(feature).openInference.datatype,
        data: records.map((record) => record[feature.name]),
      })),
    }),
  };
}

/** The contract's golden cases as records: made-up rows, all of them valid. */
export function goldenRecords(contract: Contract): FeatureRecord[] {
  return contract.golden.map(({ values }) => toRecord(contract, values));
}

/** Whole HTTP requests, made before anything is measured, that take turns with the golden records. */
export function requestsOf(protocol: Protocol, contract: Contract, rows: number): Buffer[] {
  const records = goldenRecords(contract);
  return Array.from({ length: VARIANTS }, (_, variant) => {
    const chosen = Array.from({ length: rows }, (_, i) => records[(variant * rows + i) % records.length] ?? {});
    const headers = { 'content-type': 'application/json', ...protocol.headers };
    return httpPost(protocol.path(rows), headers, JSON.stringify(protocol.body(chosen)));
  });
}

/** The golden records over and over, as a CSV file. */
export function csvOf(contract: Contract, rows: number): string {
  const records = goldenRecords(contract);
  const { header, line } = createCsvWriter(contract.features.map(({ name }) => name));
  const lines = Array.from({ length: rows }, (_, i) => line(records[i % records.length] ?? {}));
  return header + lines.join('');
}

export function httpPost(path: string, headers: Record<string, string>, body: string): Buffer {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ host: 'bench', 'content-length': String(bytes.length), ...headers });
  const head = [`POST ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]);
}
