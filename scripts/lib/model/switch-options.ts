import { UserError } from '../cli.ts';
import { currentUser } from './active-version.ts';
import { STORE_HELP, storeOptions } from './open-store.ts';

/** The options of every command that switches the active version, for parseArgs. */
export const switchOptions = {
  reason: { type: 'string' },
  by: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  ...storeOptions,
} as const;

export const SWITCH_HELP = `  --reason TEXT    why, for the history
  --by NAME        who, for the history (default: GITHUB_ACTOR, or your account's name)
  --dry-run        check everything, change nothing
${STORE_HELP}
  --json           print the result as JSON`;

/** The user and the reason of a switch, for the history. Throws without a reason. */
export function readSigner({ reason, by }: { reason?: string | undefined; by?: string | undefined }): {
  by: string;
  reason: string;
} {
  if (!reason) throw new UserError('--reason is missing: say why, for the history.', 2);
  return { by: by ?? currentUser(), reason };
}
