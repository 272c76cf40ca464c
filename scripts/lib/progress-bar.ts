const WIDTH = 30;

export type ProgressBar = {
  /** How many bytes have been transferred by now. */
  update(bytes: number): void;
  done(note?: string): void;
};

export type StartBar = (label: string, totalBytes: number) => ProgressBar;

/** A bar on stderr that shows how much of a transfer is done; where stderr is no terminal, one line at its end. */
export function startProgressBar(
  label: string,
  totalBytes: number,
  stream: NodeJS.WriteStream = process.stderr,
): ProgressBar {
  const draw = (bytes: number) => {
    const share = totalBytes === 0 ? 1 : Math.min(bytes / totalBytes, 1);
    const filled = Math.round(share * WIDTH);
    return `  ${label} [${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}] ${Math.round(share * 100)} % of ${formatBytes(totalBytes)}`;
  };
  return {
    update(bytes) {
      if (stream.isTTY) stream.write(`\r${draw(bytes)}`);
    },
    done(note = '') {
      stream.write(`${stream.isTTY ? '\r' : ''}${draw(totalBytes)}${note && `, ${note}`}\n`);
    },
  };
}

/** For work that is too short to be shown. */
export function noProgressBar(): ProgressBar {
  return { update: () => undefined, done: () => undefined };
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
