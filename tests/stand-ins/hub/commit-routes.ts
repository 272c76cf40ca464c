import { type Context, openRepository, openToWrite, type Route } from './context.ts';
import { asList, asObject, asOptionalText, asSize, asText, parseObject } from './fields.ts';
import { sha256Hex } from './git-objects.ts';
import { HubError, revisionNotFound } from './hub-error.ts';
import { json, type Reply } from './reply.ts';
import { type Operation, REGULAR_FILE_LIMIT_BYTES, type Repository } from './repository.ts';

const API = '/api/(?<type>models|spaces)/(?<name>[^/]+/[^/]+)';
const LFS = '/(?:(?<type>spaces)/)?(?<name>[^/]+/[^/]+)\\.git/info/lfs/objects';

/** The steps of a commit, in order: which files go to LFS, where to put them, (the upload,) the commit. */
export const commitRoutes: Route[] = [
  { method: 'POST', path: new RegExp(`^${API}/preupload/(?<branch>[^/]+)$`), handle: chooseUploadModes },
  { method: 'POST', path: new RegExp(`^${LFS}/batch$`), handle: offerUploads },
  { method: 'POST', path: new RegExp(`^${LFS}/verify$`), handle: verifyUpload },
  { method: 'POST', path: new RegExp(`^${API}/commit/(?<branch>[^/]+)$`), handle: commit },
];

/** The upload itself, to the other origin: signed URLs, no tokens. */
export const uploadRoutes: Route[] = [
  {
    method: 'PUT',
    path: /^\/upload\/(?<type>models|spaces)\/(?<name>[^/]+\/[^/]+)\/(?<sha256>[0-9a-f]{64})\/(?<size>\d+)$/,
    handle: receiveUpload,
  },
];

function chooseUploadModes(context: Context): Reply {
  const { url, body, part } = context;
  const { repository } = openToWrite(context);
  refusePullRequests(url);
  const { files: present, oids } = repository.find(branchOf(repository, part('branch')));
  const committed = present.get('.gitattributes');
  const fields = parseObject(body.toString());
  const attributes = asOptionalText(fields['gitAttributes'], 'gitAttributes') ?? committed?.content.toString() ?? '';
  const files = asList(fields['files'], 'files').map((given) => {
    const file = asObject(given, 'A file');
    const path = asText(file['path'], 'path');
    const sample = Buffer.from(asText(file['sample'], 'sample'), 'base64');
    const isLarge = asSize(file['size'], 'size') > REGULAR_FILE_LIMIT_BYTES;
    // A NUL byte is what git itself takes for the mark of a binary file.
    const isLfs = isLarge || isTrackedByLfs(attributes, path) || sample.includes(0);
    // huggingface_hub demands shouldIgnore (what .gitignore says), and reads the oid of a file that is there already.
    return { path, uploadMode: isLfs ? 'lfs' : 'regular', shouldIgnore: false, oid: oids.get(path) };
  });
  return json({ files });
}

/** Of .gitattributes, only patterns without a slash, with `*`; a later line does not unset an earlier one. */
function isTrackedByLfs(attributes: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return attributes.split('\n').some((line) => {
    const [pattern = '', ...settings] = line.trim().split(/\s+/);
    if (!settings.includes('filter=lfs')) return false;
    const expression = pattern.split('*').map((literal) => literal.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${expression.join('.*')}$`).test(name);
  });
}

function offerUploads(context: Context): Reply {
  const { hub, body } = context;
  const fields = parseObject(body.toString());
  if (fields['operation'] !== 'upload') throw new HubError(400, 'Only uploads are served here');
  const { repository } = openToWrite(context);
  const base = `${hub.origin}/${repository.type === 'space' ? 'spaces/' : ''}${repository.name}.git/info/lfs/objects`;
  const objects = asList(fields['objects'], 'objects').map((given) => {
    const object = asObject(given, 'An object');
    const oid = asText(object['oid'], 'oid');
    const size = asSize(object['size'], 'size');
    if (!/^[0-9a-f]{64}$/.test(oid)) return { oid, size, error: { code: 422, message: 'The oid is not a SHA-256' } };
    if (repository.objects.get(oid)?.length === size) return { oid, size };
    const upload = { href: hub.sign(`/upload/${repository.type}s/${repository.name}/${oid}/${size}`) };
    return { oid, size, authenticated: true, actions: { upload, verify: { href: `${base}/verify` } } };
  });
  return json(
    { transfer: 'basic', objects },
    { headers: { 'content-type': 'application/vnd.git-lfs+json; charset=utf-8' } },
  );
}

function receiveUpload({ hub, url, body, part }: Context): Reply {
  hub.checkSignature(url);
  const repository = hub.repositories.get(`${part('type') === 'spaces' ? 'space' : 'model'}/${part('name')}`);
  if (!repository) throw new HubError(404, 'NoSuchBucket');
  if (body.length !== Number(part('size'))) throw new HubError(400, 'EntityTooSmall or EntityTooLarge');
  if (sha256Hex(body) !== part('sha256')) throw new HubError(400, 'BadDigest');
  repository.objects.set(part('sha256'), body);
  return { status: 200, headers: { etag: `"${part('sha256')}"` }, body: Buffer.alloc(0) };
}

function verifyUpload(context: Context): Reply {
  const { objects } = openRepository(context);
  const fields = parseObject(context.body.toString());
  const size = asSize(fields['size'], 'size');
  if (objects.get(asText(fields['oid'], 'oid'))?.length !== size) throw new HubError(404, 'Object not found');
  return json({});
}

function commit(context: Context): Reply {
  const { hub, url, body, part } = context;
  const { repository, writer } = openToWrite(context);
  refusePullRequests(url);
  const lines = body.toString().split('\n').filter(Boolean).map(parseObject);
  const header = asObject(lines.find(({ key }) => key === 'header')?.['value'], 'The header');
  const title = asText(header['summary'], 'summary');
  if (title === '') throw new HubError(400, 'The commit needs a summary');
  const operations = lines.filter(({ key }) => key !== 'header').map(toOperation);
  const { sha } = repository.commit(part('branch'), {
    title,
    message: asOptionalText(header['description'], 'description') ?? '',
    author: writer.user,
    date: hub.now(),
    operations,
    parentCommit: asOptionalText(header['parentCommit'], 'parentCommit'),
  });
  const page = `${hub.origin}/${repository.type === 'space' ? 'spaces/' : ''}${repository.name}`;
  return json({ success: true, commitOid: sha, commitUrl: `${page}/commit/${sha}`, hookOutput: '' });
}

function toOperation({ key, value }: Record<string, unknown>): Operation {
  const fields = asObject(value, 'The value of an operation');
  const path = asText(fields['path'], 'path');
  switch (key) {
    case 'file': {
      const encoding = fields['encoding'] === 'base64' ? 'base64' : 'utf-8';
      return { key, path, content: Buffer.from(asText(fields['content'], 'content'), encoding) };
    }
    case 'lfsFile':
      return { key, path, sha256: asText(fields['oid'], 'oid'), size: asSize(fields['size'], 'size') };
    case 'deletedFile':
    case 'deletedFolder':
      return { key: 'deletedFile', path: path.replace(/\/$/, '') };
    default:
      throw new HubError(400, `The operation ${String(key)} is not served here`);
  }
}

function branchOf({ branches }: Repository, branch: string): string {
  if (!branches.has(branch)) throw revisionNotFound(branch);
  return branch;
}

function refusePullRequests({ searchParams }: URL): void {
  if (searchParams.has('create_pr')) throw new HubError(400, 'Pull requests are not served here');
}
