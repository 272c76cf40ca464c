import { type Context, openRepository, type Route } from './context.ts';
import { asList, asText, parseObject } from './fields.ts';
import { parentOf } from './git-objects.ts';
import { HubError, notFound } from './hub-error.ts';
import { content, json, type Reply } from './reply.ts';
import type { Commit, Repository } from './repository.ts';

const API = '/api/(?<type>models|spaces)/(?<name>[^/]+/[^/]+)';
const PAGE = '/(?:(?<type>spaces)/)?(?<name>[^/]+/[^/]+)';

/** What a revision holds: listings, and files' content. */
export const fileRoutes: Route[] = [
  { method: 'GET', path: new RegExp(`^${API}/tree/(?<revision>[^/]+)(?:/(?<path>.*))?$`), handle: listTree },
  { method: 'POST', path: new RegExp(`^${API}/paths-info/(?<revision>[^/]+)$`), handle: describePaths },
  { method: 'GET', path: new RegExp(`^${PAGE}/resolve/(?<revision>[^/]+)/(?<path>.+)$`), handle: resolveFile },
  { method: 'GET', path: new RegExp(`^${PAGE}/raw/(?<revision>[^/]+)/(?<path>.+)$`), handle: serveBlob },
];

/** The other origin, where the content of LFS files is: signed URLs, no tokens. */
export const storeRoutes: Route[] = [
  {
    method: 'GET',
    path: /^\/cdn\/(?<type>models|spaces)\/(?<name>[^/]+\/[^/]+)\/(?<sha256>[0-9a-f]{64})\/.+$/,
    handle: serveObject,
  },
];

function listTree(context: Context): Reply {
  const { hub, url, part } = context;
  const repository = openRepository(context);
  const commit = repository.find(part('revision'));
  const directory = part('path').replace(/\/$/, '');
  if (!commit.oids.has(directory) || commit.files.has(directory)) {
    throw notFound('EntryNotFound', `${directory} does not exist on "${part('revision')}"`);
  }
  const isRecursive = url.searchParams.get('recursive') === 'true';
  const isInside = (path: string) =>
    path !== '' && (isRecursive ? directory === '' || path.startsWith(`${directory}/`) : parentOf(path) === directory);
  const rank = (path: string) => `${commit.files.has(path) ? 'file' : 'directory'} ${path}`;
  const paths = [...commit.oids.keys()].filter(isInside).sort((one, other) => (rank(one) < rank(other) ? -1 : 1));

  const cursor = url.searchParams.get('cursor');
  const from = cursor === null ? 0 : paths.indexOf(Buffer.from(cursor, 'base64url').toString()) + 1;
  const limit = Math.min(Number(url.searchParams.get('limit') ?? hub.pageSize), hub.pageSize);
  const page = paths.slice(from, from + limit);
  const headers: Record<string, string> = {};
  if (from + limit < paths.length) {
    const next = new URL(`${url.pathname}${url.search}`, hub.origin);
    next.searchParams.set('cursor', Buffer.from(page.at(-1) ?? '').toString('base64url'));
    headers['link'] = `<${next.href}>; rel="next"`;
  }
  const expand = url.searchParams.get('expand') === 'true';
  const entries = page.map((path) => describeEntry(repository, commit, path, expand));
  return json(entries, { headers });
}

function describePaths(context: Context): Reply {
  const repository = openRepository(context);
  const commit = repository.find(context.part('revision'));
  const fields = fieldsOf(context);
  const known = asList(fields['paths'], 'paths')
    .map((path) => asText(path, 'A path').replace(/\/$/, ''))
    .filter((path) => path !== '' && commit.oids.has(path));
  return json(known.map((path) => describeEntry(repository, commit, path, fields['expand'] === true)));
}

/** The JavaScript client sends JSON, huggingface_hub a form. */
function fieldsOf({ headers, body }: Context): Record<string, unknown> {
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return parseObject(body.toString());
  const form = new URLSearchParams(body.toString());
  return { paths: form.getAll('paths'), expand: form.get('expand')?.toLowerCase() === 'true' };
}

function describeEntry(repository: Repository, commit: Commit, path: string, expand: boolean) {
  const file = commit.files.get(path);
  const oid = commit.oids.get(path);
  const entry = file
    ? { type: 'file', oid, size: file.kind === 'lfs' ? file.size : file.content.length, path }
    : { type: 'directory', oid, size: 0, path };
  const lfs = file?.kind === 'lfs' && { oid: file.sha256, size: file.size, pointerSize: file.content.length };
  const withLfs = lfs ? { ...entry, lfs } : entry;
  if (!expand) return withLfs;
  const { sha, title, date } = repository.lastChange(commit, path);
  const security = { status: 'unscanned', avScan: null, pickleImportScan: null };
  return { ...withLfs, lastCommit: { id: sha, title, date: date.toISOString() }, securityFileStatus: security };
}

function resolveFile(context: Context): Reply {
  const { hub, headers, part } = context;
  const repository = openRepository(context);
  const path = part('path');
  const { commit, file } = repository.findFile(part('revision'), path);
  const described = { 'x-repo-commit': commit.sha };
  if (file.kind === 'regular') {
    return content(file.content, headers, { ...described, etag: `"${file.oid}"`, 'content-type': 'text/plain' });
  }
  const location = hub.sign(
    `/cdn/${repository.type}s/${repository.name}/${file.sha256}/${path.split('/').map(encodeURIComponent).join('/')}`,
  );
  const linked = { 'x-linked-size': String(file.size), 'x-linked-etag': `"${file.sha256}"` };
  return { status: 302, headers: { ...described, ...linked, location }, body: Buffer.alloc(0) };
}

/** What git stores: for an LFS file, its pointer. */
function serveBlob(context: Context): Reply {
  const { commit, file } = openRepository(context).findFile(context.part('revision'), context.part('path'));
  const headers = { 'x-repo-commit': commit.sha, etag: `"${file.oid}"`, 'content-type': 'text/plain' };
  return content(file.content, context.headers, headers);
}

function serveObject({ hub, url, headers, part }: Context): Reply {
  hub.checkSignature(url);
  const type = part('type') === 'spaces' ? 'space' : 'model';
  const object = hub.repositories.get(`${type}/${part('name')}`)?.objects.get(part('sha256'));
  if (!object) throw new HubError(404, 'NoSuchKey');
  return content(object, headers, { etag: `"${part('sha256')}"`, 'content-type': 'application/octet-stream' });
}
