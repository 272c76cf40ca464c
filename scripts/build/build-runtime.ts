import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { commonOptions, runCommand } from '../lib/cli.ts';
import { buildRuntime } from '../lib/onnx-runtime.ts';
import { formatBytes } from '../lib/text.ts';

const HELP = `Builds the ONNX runtime that the Worker and the static page have, in dist/runtime.

  npm run build:runtime

It is ONNX Runtime's WebAssembly as it is after its start, without the functions that tabular models do not need: the runtime
is started, its memory is kept, every operator that such models may have is run from there (onnx/runtime/cases), and
what is not called is left out. The outcome is kept in node_modules/.cache: the first build takes some 20 s, later ones none.
Wrangler runs it by itself before it starts, bundles or deploys the Worker (wrangler.toml, [build]).

ONNX_RUNTIME=stock uses the whole runtime instead: here, in npm start, in the tests, in deploys, and where models are checked.

Options:
  --json     print the result as JSON`;

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    const { kind, wasm, stockBytes } = await buildRuntime();
    const bytes = wasm.length;
    const gzipBytes = gzipSync(wasm).length;
    return {
      text: `The ${kind} runtime: ${formatBytes(bytes)}, ${formatBytes(gzipBytes)} compressed (the stock one has ${formatBytes(stockBytes)})`,
      data: { kind, bytes, gzipBytes, stockBytes },
    };
  },
);
