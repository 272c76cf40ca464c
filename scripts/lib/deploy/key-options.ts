import { ApiKey } from '../../../common/api/api-key.ts';
import { Scope } from '../../../common/api/scope.ts';
import { UserError } from '../cli.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = '365';
const MAX_DAYS = 3650;

export type KeyOptions = { id?: string; scopes?: string; days?: string; expires?: string };

/** What the options say of the key to make. */
export function readKeyOptions(values: KeyOptions, now: Date): Omit<ApiKey, 'sha256'> {
  const id = ApiKey.shape.id.safeParse(values.id);
  if (!id.success) throw new UserError('--id must be up to 40 of a-z, 0-9 and "-", and begin with none of "-".', 2);
  const wanted = (values.scopes ?? '').split(',').map((scope) => scope.trim());
  const scopes = Scope.options.filter((scope) => wanted.includes(scope));
  if (scopes.length === 0 || wanted.some((name) => !Scope.safeParse(name).success))
    throw new UserError(`--scopes must be some of ${Scope.options.join(', ')}, separated by commas.`, 2);
  return { id: id.data, scopes, expiresAt: readExpiry(values, now) };
}

/** The time at which the key stops working; null for never. */
function readExpiry({ days, expires }: KeyOptions, now: Date): string | null {
  if (days !== undefined && expires !== undefined) throw new UserError('Give --days or --expires, not both.', 2);
  if (expires === 'never') return null;
  if (expires === undefined) {
    const count = Number(days ?? DEFAULT_DAYS);
    if (!Number.isInteger(count) || count < 1 || count > MAX_DAYS)
      throw new UserError(`--days must be a whole number from 1 to ${MAX_DAYS}.`, 2);
    return new Date(now.getTime() + count * DAY_MS).toISOString();
  }
  const end = new Date(`${expires}T23:59:59.999Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(expires) && end.toJSON()?.startsWith(expires);
  if (!isDay) throw new UserError('--expires must be a day, as in 2027-12-31, or "never".', 2);
  if (end <= now) throw new UserError(`--expires ${expires} is past.`, 2);
  return end.toISOString();
}
