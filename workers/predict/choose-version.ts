import { sameVersion, type VersionId } from '../../common/contract/active-pointer.ts';
import { compareVersions } from '../../common/contract/model-version.ts';
import { ProblemError } from '../errors.ts';
import type { ModelStore, Predictor } from '../ports.ts';

/** The model that a request names, and the version, if it names one. */
export type NamedModel = { name: string; version: string | null };

/** The forms of a name and of a version. Anything else is not looked up. */
const MODEL_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MODEL_VERSION = /^\d{1,9}\.\d{1,9}\.\d{1,9}$/;

/**
 * Chooses the version that serves a request, gives it to `work`, and keeps it loaded until the work is done. It is the only place
 * that chooses: the version that serves, unless the request names another one that the active pointer allows. Throws `not-found`
 * where the request names any other model or version, stored or not; `model-unavailable` where none can be loaded.
 */
export function withModel<T>(
  models: ModelStore,
  named: NamedModel | null,
  work: (predictor: Predictor) => Promise<T>,
): Promise<T> {
  return named === null ? models.use(work) : withNamedModel(models, named, work);
}

async function withNamedModel<T>(
  models: ModelStore,
  named: NamedModel,
  work: (predictor: Predictor) => Promise<T>,
): Promise<T> {
  const { name, version } = named;
  if (version === null) {
    return models.use((predictor) => {
      if (predictor.contract.name !== name) throw noModel(named);
      return work(predictor);
    });
  }
  if (!MODEL_NAME.test(name) || !MODEL_VERSION.test(version)) throw noModel(named);
  const served = await models.served();
  if (!served.some((it) => sameVersion(it, { name, version }))) throw notServed(name, version, served);
  return models.useVersion({ name, version }, work);
}

/** The numbers of a model's versions that a request may name, in ascending order. */
export async function servedNumbers(models: ModelStore, name: string): Promise<string[]> {
  return numbersOf(await models.served(), name);
}

function numbersOf(served: readonly VersionId[], name: string): string[] {
  return served
    .filter((it) => it.name === name)
    .map(({ version }) => version)
    .sort(compareVersions);
}

/** Says the same of a version that is stored and of one that never was: a caller learns nothing of what is stored. */
function notServed(name: string, version: string, served: readonly VersionId[]): ProblemError {
  const numbers = numbersOf(served, name);
  const detail =
    numbers.length > 0
      ? `There is no version ${version} of ${name} to ask for. You may ask for ${numbers.join(', ')}.`
      : `There is no version of a model ${name.slice(0, SHOWN_CHARACTERS)} to ask for.`;
  return new ProblemError('not-found', { detail });
}

const SHOWN_CHARACTERS = 100;

function noModel({ name, version }: NamedModel): ProblemError {
  const which = version === null ? '' : ` of version ${version.slice(0, SHOWN_CHARACTERS)}`;
  return new ProblemError('not-found', {
    detail: `There is no model ${name.slice(0, SHOWN_CHARACTERS)}${which} here.`,
  });
}
