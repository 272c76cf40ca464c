import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Contract } from '../contract/contract.ts';

/** The contract that the repository publishes, unparsed. */
export const attritionJson = readFileSync(join(import.meta.dirname, '../../model/contract.json'), 'utf8');

/** The contract that the repository publishes. */
export const attrition = Contract.parse(JSON.parse(attritionJson));

/** A valid record of that contract: a copy that a test may change. */
export function exampleRecord(): Record<string, unknown> {
  return { ...attrition.examples[0]?.input };
}
