import type { VersionId } from '../../common/active-pointer.ts';
import type { ModelStore, Predictor } from '../ports.ts';
import type { ActiveModel } from './active-model.ts';
import type { StoredVersions } from './stored-versions.ts';

type Parts = {
  active: ActiveModel;
  stored: StoredVersions;
  /** The numbers of a model's versions that are stored. */
  list: (name: string) => Promise<string[]>;
};

/** The models of this isolate: the version that serves, and any other one that is asked for by number. */
export function createModelStore({ active, stored, list }: Parts): ModelStore {
  return {
    use: (work) => active.use(work),
    updateFailedAt: () => active.updateFailedAt(),
    async useVersion<T>(id: VersionId, work: (predictor: Predictor) => Promise<T>) {
      const served = await active.useIf(id, work);
      return served ? served.result : stored.use(id, work);
    },
    list,
  };
}
