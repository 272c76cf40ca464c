import { UserError } from '../cli.ts';
import { currentUser } from './flips.ts';
import { STORE_HELP, storeOptions } from './open-store.ts';

/** The options of every command that switches the version which serves, for parseArgs. */
export const flipOptions = {
  reason: { type: 'string' },
  by: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  ...storeOptions,
} as const;

export const FLIP_HELP = `  --reason TEXT    why, for the history
  --by NAME        who, for the history (default: GITHUB_ACTOR, or your account's name)
  --dry-run        check everything, change nothing
${STORE_HELP}
  --json           print the result as JSON`;

/** Who switches, and why. A switch without a reason is refused. */
export function readSigner({ reason, by }: { reason?: string | undefined; by?: string | undefined }): {
  by: string;
  reason: string;
} {
  if (!reason) throw new UserError('--reason is missing: say why, for the history.', 2);
  return { by: by ?? currentUser(), reason };
}
