import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HubError, notFound } from './hub-error.ts';
import type { Reply } from './reply.ts';
import type { Repository, RepositoryType } from './repository.ts';

export type Token = {
  role: 'read' | 'write';
  /** The account it belongs to. */
  user: string;
  /** The namespaces whose private repositories it reads and (role write) whose repositories it writes; all, if absent. */
  namespaces?: readonly string[];
};

/** What the routes share. */
export type Hub = {
  /** By type and name, as `model/acme/attrition`. */
  repositories: Map<string, Repository>;
  origin: string;
  /** Entries in one page of a listing. */
  pageSize: number;
  now(): Date;
  /** The URL of a path of the store of LFS files (another origin, as for the real Hub), signed for an hour. */
  sign(path: string): string;
  /** Throws unless `sign` made this URL, less than an hour ago. */
  checkSignature(url: URL): void;
};

/** One request, read to its end and authenticated. */
export type Context = {
  hub: Hub;
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Absent: anonymous. */
  token: Token | undefined;
  /** The named groups of the route's pattern, percent-decoded. */
  part(name: string): string;
};

export type Route = { method: string; path: RegExp; handle(context: Context): Reply };

/** The caller. An unknown token is refused, also where no token is needed. */
export function authenticate(tokens: ReadonlyMap<string, Token>, headers: IncomingHttpHeaders): Token | undefined {
  if (headers.authorization === undefined) return undefined;
  const token = tokens.get(headers.authorization.replace(/^Bearer /, ''));
  if (!token) throw new HubError(401, 'Invalid credentials in Authorization header');
  return token;
}

export function requireToken({ token }: Context): Token {
  if (!token) throw new HubError(401, 'Invalid username or password.');
  return token;
}

/** A token that may write in the namespace. */
export function requireWriter(context: Context, namespace: string): Token {
  const token = requireToken(context);
  if (token.role !== 'write' || !reaches(token, namespace)) {
    throw new HubError(403, `Forbidden: you don't have the rights to write in the namespace "${namespace}".`);
  }
  return token;
}

/** The repository that the route's `type` (models, spaces, or neither for a model) and `name` name, if it may be read. */
export function openRepository({ hub, token, part }: Context): Repository {
  const type: RepositoryType = part('type') === 'spaces' ? 'space' : 'model';
  const repository = hub.repositories.get(`${type}/${part('name')}`);
  if (repository && (!repository.private || (token && reaches(token, namespaceOf(repository.name))))) return repository;
  // The Hub does not tell an anonymous client whether a repository is missing or private.
  if (!token) throw new HubError(401, 'Invalid username or password.', { 'x-error-code': 'RepoNotFound' });
  throw notFound('RepoNotFound', 'Repository not found');
}

/** The same, to write in it. */
export function openToWrite(context: Context): { repository: Repository; writer: Token } {
  const repository = openRepository(context);
  return { repository, writer: requireWriter(context, namespaceOf(repository.name)) };
}

export function namespaceOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

function reaches({ namespaces }: Token, namespace: string): boolean {
  return namespaces === undefined || namespaces.includes(namespace);
}

const SIGNED_FOR_MS = 3_600_000;

/** Signs the URLs of an origin. */
export function createSigner(origin: string, now: () => Date): Pick<Hub, 'sign' | 'checkSignature'> {
  const key = randomBytes(32);
  const signatureOf = (path: string, expires: string) =>
    createHmac('sha256', key).update(`${path}\n${expires}`).digest();
  return {
    sign(path) {
      const url = new URL(path, origin);
      const expires = String(now().getTime() + SIGNED_FOR_MS);
      url.searchParams.set('expires', expires);
      url.searchParams.set('signature', signatureOf(url.pathname, expires).toString('hex'));
      return url.href;
    },
    checkSignature({ pathname, searchParams }) {
      const expires = searchParams.get('expires') ?? '';
      const given = Buffer.from(searchParams.get('signature') ?? '', 'hex');
      const expected = signatureOf(pathname, expires);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new HubError(403, 'SignatureDoesNotMatch');
      }
      if (Number(expires) < now().getTime()) throw new HubError(403, 'Request has expired');
    },
  };
}
