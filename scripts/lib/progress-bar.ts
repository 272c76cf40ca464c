import { formatBytes } from './text.ts';

const WIDTH = 30;

export type ProgressBar = {
  /** The amount that is done by now. */
  update(done: number): void;
  done(note?: string): void;
};

export type StartBar = (label: string, totalBytes: number) => ProgressBar;

/** Draws a progress bar on stderr, by default in bytes. Where stderr is not a terminal, it prints one line at the end. */
export function startProgressBar(
  label: string,
  total: number,
  format: (amount: number) => string = formatBytes,
  stream: NodeJS.WriteStream = process.stderr,
): ProgressBar {
  const draw = (done: number) => {
    const share = total === 0 ? 1 : Math.min(done / total, 1);
    const filled = Math.round(share * WIDTH);
    return `  ${label} [${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}] ${Math.round(share * 100)} % of ${format(total)}`;
  };
  return {
    update(done) {
      if (stream.isTTY) stream.write(`\r${draw(done)}`);
    },
    done(note = '') {
      stream.write(`${stream.isTTY ? '\r' : ''}${draw(total)}${note && `, ${note}`}\n`);
    },
  };
}

/** A bar that shows nothing, for short work. */
export function noProgressBar(): ProgressBar {
  return { update: () => undefined, done: () => undefined };
}
