import { randomUUID } from 'node:crypto';
import { ApiError } from './api-error.ts';

/** What each file of a Worker's assets is: its hash, and its size in bytes, by its path. */
export type Manifest = Record<string, { hash: string; size: number }>;

type Session = { manifest: Manifest; missing: Set<string> };
type Answer = { jwt: string; buckets?: string[][] };

/**
 * The static assets of an account. A session names the files of a version and asks for the missing ones. Once it has all of
 * them, a token stands for the whole in the upload of the version.
 */
export function createAssetStore() {
  const stored = new Set<string>();
  const sessions = new Map<string, Session>();
  const complete = new Map<string, string[]>();

  function finish({ manifest }: Session): string {
    const token = randomUUID();
    complete.set(token, Object.keys(manifest).sort());
    return token;
  }

  return {
    /** Whether an upload may be made with this token, which takes the place of the API token there. */
    hasSession: (token: string) => sessions.has(token),

    open(manifest: Manifest): Answer {
      const hashes = Object.values(manifest).map(({ hash }) => hash);
      const session = { manifest, missing: new Set(hashes.filter((hash) => !stored.has(hash))) };
      if (session.missing.size === 0) return { jwt: finish(session), buckets: [] };
      const token = randomUUID();
      sessions.set(token, session);
      return { jwt: token, buckets: [Array.from(session.missing)] };
    },

    /** Takes files by their hash. Answers the token of the whole once nothing is missing. */
    put(token: string, files: ReadonlyMap<string, Buffer>): Partial<Answer> {
      const session = sessions.get(token);
      if (!session) throw new ApiError(401, 10000, 'Authentication error');
      for (const [hash, bytes] of files) {
        const expected = Object.values(session.manifest).find((it) => it.hash === hash);
        if (expected?.size !== bytes.length) throw new ApiError(400, 10021, `${hash} was not announced like this.`);
        session.missing.delete(hash);
        stored.add(hash);
      }
      return session.missing.size === 0 ? { jwt: finish(session) } : {};
    },

    /** The paths of the files that a token stands for. */
    find(token: string): string[] {
      const paths = complete.get(token);
      if (!paths) throw new ApiError(400, 10021, 'The completion token of the assets is invalid.');
      return paths;
    },
  };
}
