import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** As Linux shows it under /proc: https://man7.org/linux/man-pages/man5/proc.5.html */
export type ProcessInfo = {
  pid: number;
  /** Its arguments; any user of the machine can read them. */
  argv: string[];
  /** Where it listens, as hexadecimal addresses of the table with the name. */
  listens: { table: 'tcp' | 'tcp6'; address: string; port: number }[];
};

/** A process and all that it started, directly or not. Linux only. */
export function processTree(root: number): ProcessInfo[] {
  const parents = new Map(processIds().map((pid) => [pid, parentOf(pid)]));
  const isInTree = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || isInTree(parents.get(pid)));
  const listeners = listenersByInode();
  return [...parents.keys()].filter(isInTree).map((pid) => ({
    pid,
    argv: textOf(pid, 'cmdline').split('\0').slice(0, -1),
    listens: socketsOf(pid).flatMap((inode) => listeners.get(inode) ?? []),
  }));
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number | undefined {
  const line = textOf(pid, 'status').match(/^PPid:\t(\d+)$/m);
  return line?.[1] === undefined ? undefined : Number(line[1]);
}

/** Nothing for a process that has ended meanwhile. */
function textOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function socketsOf(pid: number): string[] {
  return entriesOf(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`).match(/^socket:\[(\d+)\]$/)?.[1] ?? [];
    } catch {
      return [];
    }
  });
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** TCP_LISTEN of include/net/tcp_states.h */
const LISTENING = '0A';

function listenersByInode(): Map<string, ProcessInfo['listens'][number]> {
  const found = new Map<string, ProcessInfo['listens'][number]>();
  for (const table of ['tcp', 'tcp6'] as const) {
    for (const line of readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (state === LISTENING && inode) found.set(inode, { table, address, port: Number.parseInt(port, 16) });
    }
  }
  return found;
}
