/** An error that its reader can mend: printed as one message, without a stack. */
export class UserError extends Error {
  /** 1: refused or failed; 2: wrong arguments. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * What a command prints when it is done: text for people, or data where --json was given. `isRefusal`: the result is bad news,
 * and the exit code 1.
 */
export type Result = { text: string; data: Record<string, unknown>; isRefusal?: boolean };

/** The options of every command, for parseArgs. */
export const commonOptions = {
  help: { type: 'boolean', short: 'h', default: false },
  json: { type: 'boolean', default: false },
} as const;

/**
 * Runs a command: parses its options, prints its help, its result or its error, and sets the exit code (0 done, 1 refused
 * or failed, 2 wrong arguments). The result goes to stdout, all else to stderr.
 */
export async function runCommand<V extends { help: boolean; json: boolean }>(
  help: string,
  parse: () => V,
  run: (values: V) => Promise<Result | undefined>,
): Promise<void> {
  const json = process.argv.includes('--json');
  try {
    const values = parse();
    if (values.help) {
      console.log(help);
      return;
    }
    const result = await run(values);
    if (!result) return;
    console.log(json ? JSON.stringify(result.data, null, 2) : result.text);
    if (result.isRefusal) process.exitCode = 1;
  } catch (error) {
    const [message, exitCode] = describeError(error);
    console.error(`\nError: ${message}`);
    if (json) console.log(JSON.stringify({ error: message }));
    process.exitCode = exitCode;
  }
}

function describeError(error: unknown): [message: string, exitCode: number] {
  if (error instanceof UserError) return [error.message, error.exitCode];
  if (!(error instanceof Error)) return [String(error), 1];
  // node:util's parseArgs says itself what is wrong with the arguments.
  if ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) return [`${error.message} See --help.`, 2];
  return [error.stack ?? error.message, 1];
}

/** Prints what is being done, then the outcome and how long it took, on one line. */
export async function step<T>(
  title: string,
  work: () => Promise<T>,
  outcome: (result: T) => string = () => '',
): Promise<T> {
  const startedAt = performance.now();
  process.stderr.write(`• ${title} …`);
  try {
    const result = await work();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const said = outcome(result);
    process.stderr.write(` ${said ? `${said} ` : ''}(${seconds} s)\n`);
    return result;
  } catch (error) {
    process.stderr.write(' failed\n');
    throw error;
  }
}
