/** An error that its reader can mend: printed as one message, without a stack. */
export class UserError extends Error {}

/** Runs a script's main function, and turns what it throws into a message and exit code 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const known = error instanceof UserError || isArgumentError(error);
    console.error(`\nError: ${known ? error.message : error instanceof Error ? error.stack : error}`);
    process.exitCode = 1;
  }
}

/** node:util's parseArgs says itself what is wrong with the arguments. */
function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/** Prints what is being done, then how long it took and the outcome, on one line. */
export async function step<T>(
  title: string,
  work: () => Promise<T>,
  outcome: (result: T) => string = () => '',
): Promise<T> {
  const startedAt = performance.now();
  process.stdout.write(`• ${title} …`);
  try {
    const result = await work();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const said = outcome(result);
    process.stdout.write(` ${said ? `${said} ` : ''}(${seconds} s)\n`);
    return result;
  } catch (error) {
    process.stdout.write(' failed\n');
    throw error;
  }
}
