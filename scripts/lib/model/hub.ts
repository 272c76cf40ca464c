import { createHash } from 'node:crypto';
import {
  commitIter,
  createRepo,
  downloadFile,
  HubApiError,
  listFiles,
  modelInfo,
  repoExists,
  spaceInfo,
} from '@huggingface/hub';
import * as z from 'zod';
import type { ModelFile } from '../../../common/contract/model-version.ts';
import { SIGNATURE_FILE } from '../../../common/contract/signature.ts';
import { UserError } from '../cli.ts';
import { type StartBar, startProgressBar } from '../progress-bar.ts';
import { retryingFetch } from '../retrying-fetch.ts';
import { filesOf, type ModelFolder, sha256, type VersionFile } from './model-folder.ts';

/** A repository on a Hub. */
export type Hub = {
  /** "owner/name". */
  repo: string;
  type: 'model' | 'space';
  url: string;
  accessToken: string | undefined;
};

/** A file of a repository at a commit. `sha256` for a file in large-file storage, `gitSha1` for any other. */
export type HubFile = { path: string; bytes: number } & ({ sha256: string } | { gitSha1: string });

/** The options of every command that talks to the Hub, for parseArgs. */
export const hubOptions = {
  repo: { type: 'string' },
  'hub-url': { type: 'string' },
} as const;

export const HUB_HELP = `  --repo OWNER/NAME  the model's repository on the Hub (default: HF_MODEL_REPO)
  --hub-url URL      another Hub (default: HF_ENDPOINT, or https://huggingface.co)`;

export function openHub(values: { repo?: string | undefined; 'hub-url'?: string | undefined }): Hub {
  const repo = values.repo || process.env['HF_MODEL_REPO'];
  if (!isRepositoryName(repo)) {
    throw new UserError('Name the repository: --repo OWNER/NAME, or the environment variable HF_MODEL_REPO.', 2);
  }
  return open(repo, 'model', values['hub-url']);
}

/** Opens a Space, the Hub's kind of repository for a page that it serves. */
export function openSpace(values: { space?: string | undefined; 'hub-url'?: string | undefined }): Hub {
  const repo = values.space || process.env['HF_SPACE_REPO'];
  if (!isRepositoryName(repo)) {
    throw new UserError('Name the Space: --space OWNER/NAME, or the environment variable HF_SPACE_REPO.', 2);
  }
  return open(repo, 'space', values['hub-url']);
}

export function isRepositoryName(text: string | undefined): text is string {
  return text !== undefined && /^[\w.-]+\/[\w.-]+$/.test(text);
}

function open(repo: string, type: Hub['type'], hubUrl: string | undefined): Hub {
  const url = hubUrl || process.env['HF_ENDPOINT'] || 'https://huggingface.co';
  return { repo, type, url: url.replace(/\/$/, ''), accessToken: process.env['HF_TOKEN'] };
}

/** What each call of the client needs to know of the Hub. */
function callOptions({ repo, type, url, accessToken }: Hub) {
  return {
    repo: { type, name: repo },
    hubUrl: url,
    fetch: retryingFetch,
    ...(accessToken !== undefined && { accessToken }),
  } as const;
}

/** Resolves a tag or a branch to its commit, or to null where it does not exist. */
export async function resolveCommit(hub: Hub, revision: string): Promise<string | null> {
  const { repo: _, ...options } = callOptions(hub);
  const query = { ...options, name: hub.repo, revision };
  try {
    const { sha } =
      hub.type === 'space'
        ? await spaceInfo({ ...query, additionalFields: ['sha'] })
        : await modelInfo({ ...query, additionalFields: ['sha'] });
    return sha;
  } catch (error) {
    if (error instanceof HubApiError && error.statusCode === 404 && (await repositoryExists(hub))) return null;
    throw toHubFailure(error, hub, `Looking up ${revision}`);
  }
}

/** Whether the repository exists and this token may read it. */
export async function repositoryExists(hub: Hub): Promise<boolean> {
  return repoExists(callOptions(hub)).catch((error: unknown) => {
    throw toHubFailure(error, hub, 'Looking for the repository');
  });
}

const Refs = z.object({ tags: z.array(z.object({ name: z.string() })) });

/** The names of all tags. The client has no call for it; this is the endpoint that the Hub's Python client uses. */
export async function listTags(hub: Hub): Promise<string[]> {
  const response = await send(hub, 'Listing the tags', 'GET', 'refs');
  if (!response.ok) throw new UserError(`Listing the tags failed: ${explainStatus(response.status, hub)}`);
  const { tags } = Refs.parse(await response.json());
  return tags.map(({ name }) => name);
}

/** Lists the files of a version at a commit. Throws where one of them is missing; only the signature may be: null. */
export async function listVersionFiles(
  hub: Hub,
  commit: string,
): Promise<Record<ModelFile, HubFile> & { [SIGNATURE_FILE]: HubFile | null }> {
  const files = await listAllFiles(hub, commit);
  const find = (path: ModelFile) => {
    const file = files.find((it) => it.path === path);
    if (!file)
      throw new UserError(`${hub.repo} at ${commit.slice(0, 12)} has no ${path}: it is not a published model version.`);
    return file;
  };
  return {
    'model.onnx': find('model.onnx'),
    'contract.json': find('contract.json'),
    'README.md': find('README.md'),
    [SIGNATURE_FILE]: files.find(({ path }) => path === SIGNATURE_FILE) ?? null,
  };
}

export async function listAllFiles(hub: Hub, revision: string): Promise<HubFile[]> {
  const files: HubFile[] = [];
  try {
    for await (const { type, path, size, oid, lfs } of listFiles({ ...callOptions(hub), revision, recursive: true })) {
      if (type === 'file')
        files.push({ path, bytes: lfs?.size ?? size, ...(lfs ? { sha256: lfs.oid } : { gitSha1: oid ?? '' }) });
    }
  } catch (error) {
    throw toHubFailure(error, hub, `Listing the files at ${revision}`);
  }
  return files;
}

/** Whether these are the bytes that the Hub lists. */
export function isListed(file: HubFile, bytes: Uint8Array): boolean {
  if (file.bytes !== bytes.length) return false;
  return 'sha256' in file ? file.sha256 === sha256(bytes) : file.gitSha1 === gitBlobSha1(bytes);
}

/** Git names a file's content by the SHA-1 of this header and the content. */
function gitBlobSha1(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Opens a file for reading from a byte on; the client does not verify what arrives. */
export async function openDownload(
  hub: Hub,
  commit: string,
  path: string,
  from: number,
): Promise<ReadableStream<Uint8Array>> {
  try {
    const blob = await downloadFile({ ...callOptions(hub), path, revision: commit, xet: false });
    if (!blob) throw new UserError(`${path} is not in ${hub.repo} at ${commit.slice(0, 12)}.`);
    return (from === 0 ? blob : blob.slice(from)).stream();
  } catch (error) {
    throw toHubFailure(error, hub, `Downloading ${path}`);
  }
}

export async function ensureRepo(hub: Hub, sdk?: 'static'): Promise<void> {
  if (await repositoryExists(hub)) return;
  try {
    await createRepo({ ...callOptions(hub), accessToken: tokenOf(hub), ...(sdk && { sdk }) });
  } catch (error) {
    // Created by somebody else meanwhile.
    if (error instanceof HubApiError && error.statusCode === 409) return;
    throw toHubFailure(error, hub, 'Creating the repository');
  }
}

export type Upload = { path: string; bytes: Uint8Array };

/** Commits files to the branch `main`, with a progress bar, removes others, and resolves to the commit. */
export async function commitFiles(
  hub: Hub,
  title: string,
  files: readonly Upload[],
  startBar: StartBar = startProgressBar,
  removed: readonly string[] = [],
): Promise<string> {
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const bar = startBar(`upload ${files.length} files to ${hub.repo}`, total);
  const operations = [
    ...files.map(({ path, bytes }) => ({
      operation: 'addOrUpdate' as const,
      path,
      content: new Blob([new Uint8Array(bytes)]),
    })),
    ...removed.map((path) => ({ operation: 'delete' as const, path })),
  ];
  try {
    const progress = commitIter({
      ...callOptions(hub),
      accessToken: tokenOf(hub),
      title,
      operations,
      branch: 'main',
      useXet: false,
    });
    const done = new Map<string, number>();
    for (;;) {
      const { done: finished, value } = await progress.next();
      if (finished) {
        bar.done();
        if (!value) throw new UserError(`The Hub accepted no change to ${hub.repo}.`);
        return value.commit.oid;
      }
      if (value.event === 'fileProgress' && value.state === 'uploading') {
        const size = files.find(({ path }) => path === value.path)?.bytes.length ?? 0;
        bar.update(Array.from(done.set(value.path, value.progress * size).values()).reduce((a, b) => a + b, 0));
      }
    }
  } catch (error) {
    throw toHubFailure(error, hub, 'Uploading');
  }
}

/** Tags a commit. The client has no call for it; this is the endpoint that the Hub's Python client uses. */
export async function createTag(hub: Hub, tag: string, commit: string, message: string): Promise<void> {
  const response = await send(hub, `Tagging ${tag}`, 'POST', `tag/${commit}`, { tag, message });
  // It exists: the answer to an earlier attempt was lost, or somebody else was faster with the same commit.
  if (response.ok || (response.status === 409 && (await resolveCommit(hub, tag)) === commit)) return;
  throw new UserError(`Tagging ${tag} failed: ${explainStatus(response.status, hub)}`);
}

async function send(hub: Hub, what: string, method: string, path: string, body?: object): Promise<Response> {
  const url = `${hub.url}/api/${hub.type}s/${hub.repo}/${path}`;
  return retryingFetch(url, {
    method,
    headers: {
      ...(hub.accessToken && { authorization: `Bearer ${hub.accessToken}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw toHubFailure(error, hub, what);
  });
}

function tokenOf({ accessToken }: Hub): string {
  if (!accessToken)
    throw new UserError('HF_TOKEN is not set. Publishing needs a token of the Hub that may write to the repository.');
  return accessToken;
}

/** Turns what the client throws (errors, and in streams plain strings) into a message that says what to do. */
export function toHubFailure(error: unknown, hub: Hub, what: string): UserError {
  if (error instanceof UserError) return error;
  if (error instanceof HubApiError) return new UserError(`${what} failed: ${explainStatus(error.statusCode, hub)}`);
  const message =
    error instanceof Error ? [error.message, causeMessage(error)].filter(Boolean).join(': ') : String(error);
  // A pre-signed address is a credential.
  return new UserError(`${what} failed: ${hub.url}: ${message.replaceAll(/\?[^\s"']*/g, '?…')}`);
}

function causeMessage({ cause }: Error): string {
  return cause instanceof Error ? cause.message : '';
}

function explainStatus(status: number, { repo, accessToken, url }: Hub): string {
  switch (status) {
    case 401:
      return accessToken
        ? `the Hub refused the token (401): it may have expired or been revoked. Put a valid one into HF_TOKEN.`
        : `${repo} does not exist, or needs a token (401). Check the name, and set HF_TOKEN.`;
    case 403:
      return `the token may not do this to ${repo} (403). Put one with write permission into HF_TOKEN.`;
    case 404:
      return `${repo} was not found at ${url}, or this token cannot see it (404).`;
    case 429:
      return `the Hub asked to slow down (429), again and again. Wait some minutes, then repeat: what was transferred is kept.`;
    default:
      return `the Hub answered ${status}${status >= 500 ? ', again and again. Repeat it later: what was transferred is kept' : ''}.`;
  }
}

/** The published versions of a repository's tags. */
export function versionsOf(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => tag.match(/^model-v(\d+\.\d+\.\d+)$/)?.[1] ?? []);
}

/**
 * How the repository differs at `revision` from a version: the files that it lacks or holds otherwise, and whether it has the
 * signature of another version where this one is not signed.
 */
export async function differenceFrom(
  hub: Hub,
  revision: string,
  model: ModelFolder,
): Promise<{ changed: VersionFile[]; removed: VersionFile[] }> {
  const listed = await listAllFiles(hub, revision);
  const isThere = (path: VersionFile) => listed.find((it) => it.path === path);
  const changed = filesOf(model).filter(({ path, bytes }) => {
    const file = isThere(path);
    return !file || !isListed(file, bytes);
  });
  const isStale = !model.signature && isThere(SIGNATURE_FILE);
  return { changed: changed.map(({ path }) => path), removed: isStale ? [SIGNATURE_FILE] : [] };
}
