import { hashObject, hashTrees, lfsPointer } from './git-objects.ts';
import { HubError, notFound, revisionNotFound } from './hub-error.ts';

export type RepositoryType = 'model' | 'space';

/** A file of a commit. `oid` is its git blob's; an LFS file's blob is the pointer. */
export type StoredFile =
  | { kind: 'regular'; oid: string; content: Buffer }
  | { kind: 'lfs'; oid: string; content: Buffer; sha256: string; size: number };

export type Commit = {
  readonly sha: string;
  readonly parent: string | undefined;
  readonly title: string;
  readonly message: string;
  readonly author: string;
  readonly date: Date;
  readonly files: ReadonlyMap<string, StoredFile>;
  /** Of every file and directory; the root is ''. */
  readonly oids: ReadonlyMap<string, string>;
};

export type Operation =
  | { key: 'file'; path: string; content: Buffer }
  | { key: 'lfsFile'; path: string; sha256: string; size: number }
  | { key: 'deletedFile'; path: string };

export type CommitRequest = {
  title: string;
  message?: string;
  author: string;
  date: Date;
  operations: readonly Operation[];
  /** The commit that the branch must still point to. */
  parentCommit?: string | undefined;
};

/** Above it a file has to be an LFS file. */
export const REGULAR_FILE_LIMIT_BYTES = 10 * 1024 * 1024;

/** One repository: immutable commits, the branches and tags that point to them, and the LFS objects that were uploaded. */
export class Repository {
  readonly type: RepositoryType;
  /** Namespace and name. */
  readonly name: string;
  readonly private: boolean;
  readonly sdk: string | undefined;
  readonly createdAt: Date;
  readonly branches = new Map<string, string>();
  readonly tags = new Map<string, string>();
  /** By SHA-256. */
  readonly objects = new Map<string, Buffer>();
  readonly #commits = new Map<string, Commit>();

  constructor(
    identity: { type: RepositoryType; name: string; private: boolean; sdk?: string | undefined },
    initial: CommitRequest,
  ) {
    this.type = identity.type;
    this.name = identity.name;
    this.private = identity.private;
    this.sdk = identity.sdk;
    this.createdAt = initial.date;
    this.branches.set('main', this.#store(undefined, initial).sha);
  }

  /** The commit that a branch, a tag, HEAD or a commit's sha (7 digits or more of it) names. */
  find(revision: string): Commit {
    const named = this.branches.get(revision === 'HEAD' ? 'main' : revision) ?? this.tags.get(revision);
    const commit = this.#commits.get(named ?? revision);
    if (commit) return commit;
    if (/^[0-9a-f]{7,39}$/.test(revision)) {
      const matches = [...this.#commits.values()].filter(({ sha }) => sha.startsWith(revision));
      if (matches.length === 1 && matches[0]) return matches[0];
    }
    throw revisionNotFound(revision);
  }

  findFile(revision: string, path: string): { commit: Commit; file: StoredFile } {
    const commit = this.find(revision);
    const file = commit.files.get(path);
    if (!file) throw notFound('EntryNotFound', 'Entry not found');
    return { commit, file };
  }

  commit(branch: string, request: CommitRequest): Commit {
    const head = this.branches.get(branch);
    if (!head) throw revisionNotFound(branch);
    if (request.parentCommit !== undefined && request.parentCommit !== head) {
      throw new HubError(412, 'The branch was updated since you opened this page. Please refresh and try again.');
    }
    const commit = this.#store(this.find(head), request);
    this.branches.set(branch, commit.sha);
    return commit;
  }

  /** Newest first. */
  history(commit: Commit): Commit[] {
    const commits = [commit];
    for (let { parent } = commit; parent !== undefined; ) {
      const ancestor = this.find(parent);
      commits.push(ancestor);
      parent = ancestor.parent;
    }
    return commits;
  }

  /** The newest ancestor (or the commit itself) that changed this file or anything in this directory. */
  lastChange(commit: Commit, path: string): Commit {
    const commits = this.history(commit);
    const before = commits.findIndex(({ oids }) => oids.get(path) !== commit.oids.get(path));
    return commits.at(before === -1 ? -1 : before - 1) ?? commit;
  }

  createBranch(
    branch: string,
    options: { startingPoint?: string; empty: boolean; overwrite: boolean; author: string; date: Date },
  ): void {
    checkReference('branch', branch);
    if (this.branches.has(branch)) {
      if (!options.overwrite) throw new HubError(409, `Reference refs/heads/${branch} already exists`);
      if (options.startingPoint === undefined && !options.empty) return;
    }
    const { author, date } = options;
    const commit = options.empty
      ? this.#store(undefined, { title: 'Initialize empty branch', author, date, operations: [] })
      : this.find(options.startingPoint ?? 'main');
    this.branches.set(branch, commit.sha);
  }

  deleteBranch(branch: string): void {
    if (branch === 'main') throw new HubError(403, 'Cannot delete refs/heads/main');
    if (!this.branches.delete(branch)) throw revisionNotFound(branch);
  }

  createTag(tag: string, revision: string): void {
    const { sha } = this.find(revision);
    checkReference('tag', tag);
    if (this.tags.has(tag)) throw new HubError(409, `Reference refs/tags/${tag} already exists`);
    this.tags.set(tag, sha);
  }

  deleteTag(tag: string): void {
    if (!this.tags.delete(tag)) throw revisionNotFound(tag);
  }

  #store(parent: Commit | undefined, { title, message = '', author, date, operations }: CommitRequest): Commit {
    const files = new Map(parent?.files);
    for (const operation of operations) this.#apply(operation, files);
    const oids = hashTrees([...files].map(([path, { oid }]) => [path, oid]));
    const signature = `${author} <${author}@localhost> ${Math.floor(date.getTime() / 1000)} +0000`;
    const lines = [
      `tree ${oids.get('')}`,
      ...(parent ? [`parent ${parent.sha}`] : []),
      `author ${signature}`,
      `committer ${signature}`,
      '',
      message ? `${title}\n\n${message}\n` : `${title}\n`,
    ];
    const sha = hashObject('commit', Buffer.from(lines.join('\n')));
    const commit = { sha, parent: parent?.sha, title, message, author, date, files, oids };
    this.#commits.set(sha, commit);
    return commit;
  }

  #apply(operation: Operation, files: Map<string, StoredFile>): void {
    const { path } = operation;
    if (path.split('/').some((name) => ['', '.', '..', '.git'].includes(name))) {
      throw new HubError(400, `Invalid path in repository: ${path}`);
    }
    if (operation.key === 'file') {
      const { content } = operation;
      if (content.length > REGULAR_FILE_LIMIT_BYTES) {
        throw new HubError(400, `Your push was rejected because it contains files larger than 10 MiB: ${path}`);
      }
      files.set(path, { kind: 'regular', oid: hashObject('blob', content), content });
    } else if (operation.key === 'lfsFile') {
      const { sha256, size } = operation;
      if (this.objects.get(sha256)?.length !== size) {
        throw new HubError(
          400,
          `Your push was rejected because an LFS pointer pointed to a file that does not exist. Offending file: - ${path}`,
        );
      }
      const content = lfsPointer({ sha256, size });
      files.set(path, { kind: 'lfs', oid: hashObject('blob', content), content, sha256, size });
    } else {
      const doomed = [...files.keys()].filter((name) => name === path || name.startsWith(`${path}/`));
      if (doomed.length === 0) throw notFound('EntryNotFound', `${path} does not exist`);
      for (const name of doomed) files.delete(name);
    }
  }
}

/** git-check-ref-format, as far as a test needs it; names under refs/ are the Hub's own. */
function checkReference(kind: 'branch' | 'tag', name: string): void {
  if (!/^[\w][\w./+-]*$/.test(name) || /^refs\/|\.\.|\/\/|[./]$|\.lock$/.test(name)) {
    throw new HubError(400, `Invalid reference for a ${kind}: ${name}`);
  }
}
