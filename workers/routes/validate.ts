import { Hono } from 'hono';
import type { ValidateAnswer } from '../../common/api/answers.ts';
import { toFieldWarnings } from '../../common/api/prediction-answer.ts';
import { toFieldError } from '../../common/api/problems.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { toRecord } from '../../common/record/request-schema.ts';
import type { Validation } from '../../common/record/validation.ts';
import type { AppEnv } from '../http/app-env.ts';
import { MAX_RECORD_BYTES, readJson } from '../http/read-json.ts';
import { allow } from '../middleware/authorise.ts';
import { useModel } from './use-model.ts';

/** Checks a record as predict would. Infers nothing and records nothing. */
export const validate = new Hono<AppEnv>().post('/v1/validate', allow('predict'), async (context) => {
  const body = await readJson(context.req.raw, MAX_RECORD_BYTES);
  return useModel(context, null, async ({ contract, validate }) => context.json(toAnswer(contract, validate(body))));
});

function toAnswer(contract: Contract, validation: Validation): ValidateAnswer {
  if (!validation.ok) {
    const errors = validation.violations.map(toFieldError);
    return { valid: false, record: null, identifier: null, errors, warnings: [] };
  }
  const { values, identifier, warnings } = validation;
  const record = toRecord(contract, values);
  return { valid: true, record, identifier, errors: [], warnings: toFieldWarnings(warnings) };
}
