import { createHash } from 'node:crypto';

/** Git's name for an object: the SHA-1 of its type, its length in bytes and its content. */
export function hashObject(type: 'blob' | 'tree' | 'commit', content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

export function sha256Hex(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What git stores in place of an LFS file (git-lfs, docs/spec.md). */
export function lfsPointer({ sha256, size }: { sha256: string; size: number }): Buffer {
  return Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`);
}

/** From the oid of every file, by path, to the oid of every file and every directory; the root is ''. */
export function hashTrees(files: Iterable<readonly [path: string, oid: string]>): Map<string, string> {
  const oids = new Map<string, string>();
  const children = new Map<string, Set<string>>([['', new Set()]]);
  for (const [path, oid] of files) {
    oids.set(path, oid);
    for (let child = path; child !== ''; child = parentOf(child)) {
      const siblings = children.get(parentOf(child));
      if (siblings) siblings.add(child);
      else children.set(parentOf(child), new Set([child]));
    }
  }
  const hash = (path: string): string => {
    const members = children.get(path);
    if (!members) return oids.get(path) ?? '';
    const entries = [...members].map((member) => {
      const isDirectory = children.has(member);
      const name = member.slice(member.lastIndexOf('/') + 1);
      const content = [Buffer.from(`${isDirectory ? '40000' : '100644'} ${name}\0`), Buffer.from(hash(member), 'hex')];
      // Git sorts a tree's entries by bytes, a directory as if its name ended in a slash.
      return { key: Buffer.from(isDirectory ? `${name}/` : name), content: Buffer.concat(content) };
    });
    entries.sort((one, other) => one.key.compare(other.key));
    const oid = hashObject('tree', Buffer.concat(entries.map(({ content }) => content)));
    oids.set(path, oid);
    return oid;
  };
  hash('');
  return oids;
}

/** The directory that a path is in; '' is the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}
