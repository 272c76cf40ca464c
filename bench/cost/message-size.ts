import { describePredictions } from '../../common/api/prediction-answer.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { outputKind } from '../../common/contract/outputs/outputs.ts';
import { packPredictions } from '../../common/history/prediction-message.ts';
import { toRecord } from '../../common/record/request-schema.ts';
import { createValidator } from '../../common/record/validation.ts';

/** Bytes of the message that the Worker sends for one prediction: the mean over the contract's examples. */
export function messageBytesOf(contract: Contract): number {
  const validate = createValidator(contract);
  const { rawOf } = outputKind(contract.output);
  const describe = describePredictions(contract, 'c'.repeat(64), { at: new Date(0), keyId: 'hr-app' });
  const sizes = contract.examples.map((example) => {
    const { input } = example;
    const valid = validate(input);
    if (!valid.ok) throw new Error('an example of the contract is not valid');
    const answered = describe('01938e0c-7a3f-7cc2-a3d5-5b2f0c8d4e11', valid, rawOf(example));
    const prediction = { ...answered, input: toRecord(contract, valid.values) };
    const [message] = packPredictions([prediction], Number.POSITIVE_INFINITY);
    return message?.bytes ?? Number.NaN;
  });
  return sizes.reduce((sum, bytes) => sum + bytes, 0) / sizes.length;
}
