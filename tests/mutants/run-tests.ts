import { resolve } from 'node:path';
import { createVitest } from 'vitest/node';
import * as z from 'zod';

/** Runs test files for the process that started this one, in its own working directory, and keeps what it loaded between runs. */
export const Run = z.object({
  project: z.string(),
  test: z.string(),
  /** The sources that changed since the last run. */
  changed: z.array(z.string()),
});
export type Run = z.infer<typeof Run>;

const servers = new Map<string, ReturnType<typeof createVitest>>();

function serverOf(project: string): ReturnType<typeof createVitest> {
  const known = servers.get(project);
  if (known) return known;
  const made = createVitest('test', { watch: true, project: [project], silent: true, reporters: [{}] });
  servers.set(project, made);
  return made;
}

async function passes({ project, test, changed }: Run): Promise<boolean> {
  const vitest = await serverOf(project);
  for (const file of changed) vitest.invalidateFile(resolve(file));
  const { testModules, unhandledErrors } = await vitest.rerunTestSpecifications(
    await vitest.globTestSpecifications([resolve(test)]),
  );
  return testModules.length > 0 && unhandledErrors.length === 0 && testModules.every((it) => it.state() === 'passed');
}

process.on('message', async (message) => {
  process.send?.(await passes(Run.parse(message)).catch(() => false));
});
process.on('disconnect', async () => {
  for (const server of servers.values()) await (await server).close();
  process.exit();
});
