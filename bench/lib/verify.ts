import * as z from 'zod';
import type { Contract } from '../../common/contract/contract.ts';
import { goldenRecords } from './requests.ts';
import type { Subject } from './subjects.ts';

/** How many of the golden cases are asked for: an answer that is fast and wrong must not be measured. */
export const CHECKED_CASES = 25;

const Answer = z.union([
  z.object({ probability: z.number() }).transform(({ probability }) => probability),
  z
    .object({ outputs: z.array(z.object({ name: z.string(), data: z.array(z.unknown()) })) })
    .transform(({ outputs }) => Number(outputs.find(({ name }) => name === 'probability')?.data[0])),
]);

/** Throws where a subject does not compute what the contract's golden cases state, or lets a record in that breaks a rule. */
export async function verify(subject: Subject, contract: Contract): Promise<void> {
  const { id, protocol, server } = subject;
  if (id === 'hono') return;
  const ask = (record: object) =>
    fetch(`http://127.0.0.1:${server.port}${protocol.path(1)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...protocol.headers },
      body: JSON.stringify(protocol.body([{ ...record }])),
    });
  const records = goldenRecords(contract).slice(0, CHECKED_CASES);
  for (const [i, record] of records.entries()) {
    const response = await ask(record);
    const text = await response.text();
    if (!response.ok) throw new Error(`${id} answers golden case ${i} with ${response.status}: ${text}`);
    subject.answered++;
    const golden = contract.golden[i];
    const expected = golden && 'probability' in golden ? golden.probability : Number.NaN;
    const probability = Answer.parse(JSON.parse(text));
    if (!(Math.abs(probability - expected) <= contract.parity.tolerance))
      throw new Error(`${id} gives golden case ${i} ${probability}, not ${expected}`);
  }
  const rule = contract.rules.find(({ type }) => type === 'at-most');
  if (rule?.type !== 'at-most') return;
  const refused = await ask({ ...records[0], [rule.right]: 18, [rule.left]: 19 });
  await refused.text();
  if (refused.ok) throw new Error(`${id} lets a record in that breaks the rule ${rule.id}`);
}
