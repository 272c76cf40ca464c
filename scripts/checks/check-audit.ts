import { execFile } from 'node:child_process';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';
import { plural } from '../lib/text.ts';

const HELP = `Asks the package registry for known vulnerabilities of the packages that are deployed.

  npm run check:audit [-- options]

Options:
  --json  print the result as JSON

Vulnerabilities of severity "high" and "critical" fail the check. It leaves out development packages, because a deploy does not
contain them. A registry that does not answer fails the check too, with a message of its own.`;

/** What npm audit --json says; where it fails, in the words of its error. */
const Report = z.union([
  z.object({
    vulnerabilities: z.record(
      z.string(),
      z.object({
        severity: z.string(),
        via: z.array(z.union([z.string(), z.object({ title: z.string(), url: z.string() })])),
      }),
    ),
    metadata: z.object({ dependencies: z.object({ prod: z.number() }) }),
  }),
  z.object({ message: z.string() }),
  z.object({ error: z.object({ summary: z.string() }).transform(({ summary }) => summary) }),
]);

const REFUSED = ['high', 'critical'];

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    const report = await audit();
    if (!('vulnerabilities' in report)) {
      const reason = 'message' in report ? report.message : report.error;
      throw new UserError(`The registry could not be asked, so nothing is known of the packages: ${reason.trim()}`);
    }
    const found = Object.entries(report.vulnerabilities).map(([name, { severity, via }]) => {
      const advisories = via.flatMap((it) => (typeof it === 'string' ? [] : [`${it.title} (${it.url})`]));
      return { name, severity, advisories };
    });
    const refused = found.filter(({ severity }) => REFUSED.includes(severity));
    if (refused.length > 0) {
      const list = refused.map(({ name, severity, advisories }) => `${name}, ${severity}: ${advisories.join('; ')}`);
      throw new UserError(`Packages that are deployed have known vulnerabilities:\n${list.join('\n')}`);
    }
    const packages = report.metadata.dependencies.prod;
    return {
      text: `No known vulnerability of severity high or critical; ${plural(found.length, 'lesser one')}.`,
      data: { packages, found },
    };
  },
);

function audit(): Promise<z.infer<typeof Report>> {
  return new Promise((resolve, reject) => {
    execFile('npm', ['audit', '--omit=dev', '--json'], { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      try {
        resolve(Report.parse(JSON.parse(stdout)));
      } catch {
        reject(new UserError(`npm audit failed: ${stderr.trim() || error?.message || stdout}`));
      }
    });
  });
}
