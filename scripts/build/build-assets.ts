import { parseArgs } from 'node:util';
import { collectAssets, writeAssets } from '../lib/assets.ts';
import { commonOptions, runCommand } from '../lib/cli.ts';
import { formatBytes } from '../lib/text.ts';

const HELP = `Builds the files that the Worker serves beside its API, in dist/assets: the page, and the page of /docs.

  npm run build:assets

Wrangler runs it by itself before it starts, bundles or deploys the Worker (wrangler.toml, [build]).

Options:
  --json     print the result as JSON`;

const OUT = 'dist/assets';

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    const files = await collectAssets();
    await writeAssets(OUT, files);
    const sizes = files.map(({ path, bytes }) => ({ path, bytes: bytes.length }));
    return {
      text: sizes.map(({ path, bytes }) => `${formatBytes(bytes).padStart(10)}  ${OUT}/${path}`).join('\n'),
      data: { out: OUT, files: sizes },
    };
  },
);
