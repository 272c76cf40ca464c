import { v7 as uuidv7 } from 'uuid';
import { toExploreAnswer, toTrials } from '../../common/api/exploration-answer.ts';
import {
  describePredictions,
  identifyModel,
  toModelName,
  toPredictAnswer,
} from '../../common/api/prediction-answer.ts';
import type { RawOutput } from '../../common/contract/outputs/outputs.ts';
import type { ValidRecord } from '../../common/record/fast-validation.ts';
import type { FeatureValues } from '../../common/record/request-schema.ts';
import { createMatrixLayout } from '../../common/record/tensors.ts';
import { createValidator } from '../../common/record/validation.ts';
import { type Backend, PageError } from '../backend.ts';
import { loadContract, loadSession } from './model.ts';
import { predictFile } from './predict-file.ts';
import { texts } from './texts.ts';

/** The limits of one file: this browser does all of the work, and holds the whole file. */
const BATCH = { maxRows: 20_000, maxBytes: 16 * 1024 * 1024 };

/** The model as a backend: everything is computed here, and nothing is sent or recorded. */
export async function connectToModel(): Promise<Backend> {
  const { contract, contractSha256 } = await loadContract();
  const validate = createValidator(contract);
  const session = loadSession(contract);
  const model = toModelName(identifyModel(contract, contractSha256));

  const toMatrices = createMatrixLayout(contract);
  const infer = async (records: readonly FeatureValues[]): Promise<RawOutput[]> => {
    const { run } = await session;
    try {
      return await run(toMatrices(records));
    } catch (error) {
      throw new PageError(texts.notPredicted, error);
    }
  };
  const predict = async (valid: readonly ValidRecord[]) => {
    const raw = await infer(valid.map(({ values }) => values));
    const describe = describePredictions(contract, contractSha256, { at: new Date(), keyId: null });
    return valid.map((it, i) => describe(uuidv7(), it, raw[i] ?? missing()));
  };

  return {
    capabilities: { level: 'functional', history: false, batch: BATCH, publicScopes: ['predict'], scopes: [] },
    contract,
    offline: true,
    ready: session.then(() => undefined),
    async predict(record) {
      const validation = validate(record);
      if (!validation.ok) throw new PageError(texts.invalid);
      const [prediction] = await predict([validation]);
      if (!prediction) throw new PageError(texts.notPredicted);
      return toPredictAnswer(prediction, 'off');
    },
    async explore(request) {
      const trials = toTrials(contract, validate, request);
      const valid = trials.flatMap(({ validation }) => (validation.ok ? [validation.values] : []));
      return toExploreAnswer(contract, contractSha256, trials, valid.length > 0 ? await infer(valid) : []);
    },
    predictFile: (file, signal) => predictFile(contract, { file, signal, limits: BATCH, model, validate, predict }),
    history: null,
  };
}

function missing(): never {
  throw new Error('the graph answered for too few records');
}
