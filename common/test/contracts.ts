import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Contract } from '../contract/contract.ts';
import { parseBinaryContract } from './binary.ts';
import { flagsJsonOf } from './flags.ts';

/** The contract that the repository publishes, unparsed. */
export const attritionJson = readFileSync(join(import.meta.dirname, '../../model/contract.json'), 'utf8');

/** The contract that the repository publishes. */
export const attrition = parseBinaryContract(JSON.parse(attritionJson));

/** A valid record of that contract: a copy that a test may change. */
export function exampleRecord(): Record<string, unknown> {
  return { ...attrition.examples[0]?.input };
}

/** The contract of the tiny model of the Worker's tests, unparsed. */
export const tinyJson = readFileSync(
  join(import.meta.dirname, '../../workers/test/fixtures/tiny/contract.json'),
  'utf8',
);

/** A contract whose features are booleans, unparsed. It comes without its graph. */
export const flagsJson = flagsJsonOf(tinyJson, { sha256: '0'.repeat(64), bytes: 1 });
export const flags = Contract.parse(JSON.parse(flagsJson));
