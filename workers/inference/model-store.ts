import type { VersionId } from '../../common/contract/active-pointer.ts';
import { observableLabels } from '../../common/contract/outputs/outputs.ts';
import { ProblemError } from '../errors.ts';
import type { ModelStore, Predictor } from '../ports.ts';
import type { ActiveModel } from './active-model.ts';
import type { StoredVersions } from './stored-versions.ts';

type Parts = {
  active: ActiveModel;
  stored: StoredVersions;
  /** Reads the labels of a version that is stored; rejects if it is not, or cannot be read. */
  readLabels: (id: VersionId) => Promise<string[] | null>;
};

/** The models of this isolate: the version that serves, and those that may be asked for by number. */
export function createModelStore({ active, stored, readLabels }: Parts): ModelStore {
  return {
    use: (work) => active.use(work),
    served: () => active.served(),
    updateFailure: () => active.updateFailure(),
    async useVersion<T>(id: VersionId, work: (predictor: Predictor) => Promise<T>) {
      const served = await active.useIf(id, work);
      return served ? served.result : stored.use(id, work);
    },
    async labelsOf(id) {
      const served = await active.useIf(id, async ({ contract }) => observableLabels(contract.output));
      if (served) return served.result;
      try {
        return await readLabels(id);
      } catch (cause) {
        throw new ProblemError('model-unavailable', {
          detail: `The labels of version ${id.version} of ${id.name} cannot be read. Try again in a few seconds; if it stays, that version must be stored here again.`,
          cause,
        });
      }
    },
  };
}
