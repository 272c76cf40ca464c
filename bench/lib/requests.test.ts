import { describe, expect, it } from 'vitest';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { csvOf, FASTAPI, goldenRecords, httpPost, mlserver, requestsOf, WORKER } from './requests.ts';

const { contract } = await readModelFolder('model');
const bodyOf = (request: Buffer) => JSON.parse(request.toString('utf8').split('\r\n\r\n')[1] ?? '');

describe('requests', () => {
  it('state the length of their body in bytes', () => {
    expect(httpPost('/x', { accept: 'a' }, 'é').toString('utf8')).toBe(
      'POST /x HTTP/1.1\r\nhost: bench\r\ncontent-length: 2\r\naccept: a\r\n\r\né',
    );
  });

  it('hold one record or many, and differ', () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = requestsOf(WORKER, contract, 1);
    expect(first.toString('latin1')).toMatch(/^POST \/v1\/predict HTTP/);
    expect(bodyOf(first)).toEqual(goldenRecords(contract)[0]);
    expect(bodyOf(second)).toEqual(goldenRecords(contract)[1]);
    const [batch = Buffer.alloc(0)] = requestsOf(FASTAPI, contract, 300);
    expect(batch.toString('latin1')).toMatch(/^POST \/predict\/batch HTTP/);
    expect(bodyOf(batch)).toHaveLength(300);
    // The golden cases begin anew.
    expect(bodyOf(batch)[contract.golden.length]).toEqual(bodyOf(batch)[0]);
  });

  it('hold a tensor a feature for MLServer', () => {
    const [request = Buffer.alloc(0)] = requestsOf(mlserver(contract), contract, 3);
    const { inputs } = bodyOf(request);
    expect(inputs).toHaveLength(contract.features.length);
    expect(inputs[0]).toMatchObject({
      name: 'age',
      datatype: 'INT64',
      shape: [3, 1],
      data: [18, 18, expect.any(Number)],
    });
  });

  it('are as many lines of CSV as rows, and a header', () => {
    const lines = csvOf(contract, 1000).trimEnd().split('\r\n');
    expect(lines).toHaveLength(1001);
    expect(lines[0]?.split(',')).toHaveLength(contract.features.length);
  });
});
