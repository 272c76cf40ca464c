import { createHash } from 'node:crypto';
import type { Context, Route, Token } from './context.ts';
import { namespaceOf, openRepository, openToWrite, requireToken, requireWriter } from './context.ts';
import { asList, asObject, asOptionalText, asText, parseObject } from './fields.ts';
import { HubError, notFound } from './hub-error.ts';
import { json, type Reply } from './reply.ts';
import { type Commit, type Operation, Repository, type RepositoryType, type StoredFile } from './repository.ts';

const REPOSITORY = '/api/(?<type>models|spaces)/(?<name>[^/]+/[^/]+)';

/** Repositories themselves: account, creation, description, history, branches and tags. */
export const repositoryRoutes: Route[] = [
  { method: 'GET', path: /^\/api\/whoami-v2$/, handle: whoAmI },
  { method: 'POST', path: /^\/api\/repos\/create$/, handle: createRepository },
  { method: 'POST', path: /^\/api\/validate-yaml$/, handle: validateCard },
  { method: 'DELETE', path: /^\/api\/repos\/delete$/, handle: deleteRepository },
  { method: 'GET', path: new RegExp(`^${REPOSITORY}$`), handle: describeRepository },
  { method: 'GET', path: new RegExp(`^${REPOSITORY}/revision/(?<revision>[^/]+)$`), handle: describeRepository },
  { method: 'GET', path: new RegExp(`^${REPOSITORY}/refs$`), handle: listReferences },
  { method: 'GET', path: new RegExp(`^${REPOSITORY}/commits/(?<revision>[^/]+)$`), handle: listCommits },
  { method: 'POST', path: new RegExp(`^${REPOSITORY}/branch/(?<branch>[^/]+)$`), handle: createBranch },
  { method: 'DELETE', path: new RegExp(`^${REPOSITORY}/branch/(?<branch>[^/]+)$`), handle: deleteBranch },
  { method: 'POST', path: new RegExp(`^${REPOSITORY}/tag/(?<revision>[^/]+)$`), handle: createTag },
  { method: 'DELETE', path: new RegExp(`^${REPOSITORY}/tag/(?<tag>[^/]+)$`), handle: deleteTag },
];

/** The extensions of the Hub's own .gitattributes that a model or a static page may need. */
const LFS_EXTENSIONS = ['bin', 'gz', 'h5', 'joblib', 'npy', 'npz', 'onnx', 'parquet', 'pickle', 'pkl', 'pt', 'pth'];
const GIT_ATTRIBUTES = [...LFS_EXTENSIONS, 'safetensors', 'tar', 'tflite', 'wasm', 'zip']
  .map((extension) => `*.${extension} filter=lfs diff=lfs merge=lfs -text\n`)
  .join('');

function whoAmI(context: Context): Reply {
  const { user, role, namespaces = [] } = requireToken(context);
  return json({
    type: 'user',
    id: idOf(user),
    name: user,
    fullname: user,
    email: `${user}@localhost`,
    emailVerified: true,
    isPro: false,
    canPay: false,
    billingMode: 'prepaid',
    periodEnd: null,
    avatarUrl: '',
    orgs: namespaces.filter((name) => name !== user).map((name) => ({ type: 'org', id: idOf(name), name })),
    auth: {
      type: 'access_token',
      accessToken: { displayName: role, role, createdAt: context.hub.now().toISOString() },
    },
  });
}

function createRepository(context: Context): Reply {
  const { hub, body } = context;
  const fields = parseObject(body.toString());
  const { type, namespace, name } = identify(fields, requireToken(context));
  const writer = requireWriter(context, namespace);
  if (hub.repositories.has(`${type}/${name}`)) {
    // create_repo(exist_ok=True) of huggingface_hub reads the address from here.
    const url = addressOf(hub.origin, type, name);
    throw new HubError(409, `You already created this ${type} repo: ${name}`, {}, { url });
  }
  const sdk = type === 'space' ? asText(fields['sdk'], 'sdk') : undefined;
  const isPrivate = asOptionalText(fields['visibility'], 'visibility') === 'private' || fields['private'] === true;
  const operations = [...initialFiles(asOptionalText(fields['license'], 'license'), sdk), ...givenFiles(fields)];
  const repository = new Repository(
    { type, name, private: isPrivate, sdk },
    { title: 'initial commit', author: writer.user, date: hub.now(), operations },
  );
  hub.repositories.set(`${type}/${name}`, repository);
  return json({ url: addressOf(hub.origin, type, name), name, id: idOf(`${type}/${name}`), private: isPrivate });
}

function addressOf(origin: string, type: RepositoryType, name: string): string {
  return `${origin}/${type === 'space' ? 'spaces/' : ''}${name}`;
}

/**
 * Judges the front matter of a card before it is committed, in the shape that huggingface_hub reads (create_commit in its hf_api.py). Which
 * rules the Hub has is not public as a whole: here the front matter must only be there and be closed.
 */
function validateCard({ body }: Context): Reply {
  const content = asText(parseObject(body.toString())['content'], 'content');
  const isWhole = /^---\r?\n[\s\S]*?\r?\n---\s*(\r?\n|$)/.test(content);
  if (isWhole) return json({ errors: [], warnings: [] });
  const message = 'empty or missing yaml metadata in repo card';
  return content.startsWith('---')
    ? json({ errors: [{ message }], warnings: [] }, { status: 400 })
    : json({ errors: [], warnings: [{ message }] });
}

function identify(
  fields: Record<string, unknown>,
  { user }: Token,
): { type: RepositoryType; namespace: string; name: string } {
  const type = asOptionalText(fields['type'], 'type') ?? 'model';
  if (type !== 'model' && type !== 'space') throw new HubError(400, `Repositories of type ${type} are not served here`);
  const namespace = asOptionalText(fields['organization'], 'organization') ?? user;
  const name = `${namespace}/${asText(fields['name'], 'name')}`;
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) throw new HubError(400, `Invalid repository name: ${name}`);
  return { type, namespace, name };
}

function initialFiles(license: string | undefined, sdk: string | undefined): Operation[] {
  const files: Operation[] = [{ key: 'file', path: '.gitattributes', content: Buffer.from(GIT_ATTRIBUTES) }];
  if (license === undefined && sdk === undefined) return files;
  const matter = [
    ...(sdk === undefined ? [] : [`sdk: ${sdk}`]),
    ...(license === undefined ? [] : [`license: ${license}`]),
  ];
  files.push({ key: 'file', path: 'README.md', content: Buffer.from(`---\n${matter.join('\n')}\n---\n`) });
  return files;
}

function givenFiles(fields: Record<string, unknown>): Operation[] {
  return asList(fields['files'] ?? [], 'files').map((given) => {
    const file = asObject(given, 'A file');
    const encoding = file['encoding'] === 'base64' ? 'base64' : 'utf-8';
    const content = Buffer.from(asText(file['content'], 'content'), encoding);
    return { key: 'file', path: asText(file['path'], 'path'), content };
  });
}

function deleteRepository(context: Context): Reply {
  const { hub, body } = context;
  const { type, namespace, name } = identify(parseObject(body.toString()), requireToken(context));
  requireWriter(context, namespace);
  if (!hub.repositories.delete(`${type}/${name}`)) throw notFound('RepoNotFound', 'Repository not found');
  return json({});
}

function describeRepository(context: Context): Reply {
  const repository = openRepository(context);
  const { type, name, sdk, createdAt } = repository;
  const commit = repository.find(context.part('revision') || 'HEAD');
  const identity = { _id: idOf(`${type}/${name}`), id: name };
  const details = {
    author: namespaceOf(name),
    sha: commit.sha,
    lastModified: repository.find('HEAD').date.toISOString(),
    createdAt: createdAt.toISOString(),
    private: repository.private,
    gated: false,
    disabled: false,
    downloads: 0,
    likes: 0,
    tags: [],
    siblings: [...commit.files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, file]) => describeSibling(name, file, context.url)),
    ...(sdk === undefined ? { modelId: name } : { sdk }),
  };
  const { searchParams } = context.url;
  const expanded = [...searchParams.getAll('expand'), ...searchParams.getAll('expand[]')];
  if (expanded.length === 0) return json({ ...identity, ...details });
  const chosen = Object.entries(details).filter(([key]) => expanded.includes(key));
  return json({ ...identity, ...Object.fromEntries(chosen) });
}

/** With blobs=true, what model_info(files_metadata=True) of huggingface_hub asks for. */
function describeSibling(rfilename: string, file: StoredFile, { searchParams }: URL) {
  if (searchParams.get('blobs')?.toLowerCase() !== 'true') return { rfilename };
  if (file.kind === 'regular') return { rfilename, blobId: file.oid, size: file.content.length };
  const lfs = { sha256: file.sha256, size: file.size, pointerSize: file.content.length };
  return { rfilename, blobId: file.oid, size: file.size, lfs };
}

function listReferences(context: Context): Reply {
  const { branches, tags } = openRepository(context);
  const describeAll = (references: ReadonlyMap<string, string>, prefix: string) =>
    [...references].map(([name, targetCommit]) => ({ name, ref: `${prefix}${name}`, targetCommit }));
  return json({
    branches: describeAll(branches, 'refs/heads/'),
    tags: describeAll(tags, 'refs/tags/'),
    converts: [],
  });
}

function listCommits(context: Context): Reply {
  const { hub, url, part } = context;
  const repository = openRepository(context);
  const commits = repository.history(repository.find(part('revision')));
  const limit = Math.min(Number(url.searchParams.get('limit') ?? 50), hub.pageSize);
  const page = Number(url.searchParams.get('p') ?? 0);
  const headers: Record<string, string> = { 'x-total-count': String(commits.length) };
  if ((page + 1) * limit < commits.length) {
    const next = new URL(`${url.pathname}${url.search}`, hub.origin);
    next.searchParams.set('p', String(page + 1));
    headers['link'] = `<${next.href}>; rel="next"`;
  }
  return json(commits.slice(page * limit, (page + 1) * limit).map(describeCommit), { headers });
}

function describeCommit({ sha, title, message, author, date }: Commit) {
  return { id: sha, title, message, authors: [{ user: author, avatar: '' }], date: date.toISOString() };
}

function createBranch(context: Context): Reply {
  const { repository, writer } = openToWrite(context);
  const fields = parseObject(context.body.toString());
  const startingPoint = asOptionalText(fields['startingPoint'], 'startingPoint');
  repository.createBranch(context.part('branch'), {
    ...(startingPoint === undefined ? {} : { startingPoint }),
    empty: fields['emptyBranch'] === true,
    overwrite: fields['overwrite'] === true,
    author: writer.user,
    date: context.hub.now(),
  });
  return json({});
}

function deleteBranch(context: Context): Reply {
  const { repository } = openToWrite(context);
  repository.deleteBranch(context.part('branch'));
  return json({});
}

function createTag(context: Context): Reply {
  const { repository } = openToWrite(context);
  const fields = parseObject(context.body.toString());
  asOptionalText(fields['message'], 'message');
  repository.createTag(asText(fields['tag'], 'tag'), context.part('revision'));
  return json({});
}

function deleteTag(context: Context): Reply {
  const { repository } = openToWrite(context);
  repository.deleteTag(context.part('tag'));
  return json({});
}

/** The Hub's ids are 24 hexadecimal digits that say nothing. */
function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 24);
}
