import type { Context } from 'hono';
import type { AppEnv } from '../http/app-env.ts';
import type { Predictor } from '../ports.ts';
import { type NamedModel, withModel } from '../predict/choose-version.ts';

/** Gives the version that is chosen for a request to `work`, and names it in the request's log line. */
export function useModel<T>(
  context: Context<AppEnv>,
  named: NamedModel | null,
  work: (predictor: Predictor) => Promise<T>,
): Promise<T> {
  return withModel(context.get('services').models, named, (predictor) => {
    context.get('event').modelVersion = predictor.contract.version;
    return work(predictor);
  });
}
