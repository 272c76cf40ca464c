import { parseArgs } from 'node:util';
import { commonOptions, runCommand } from '../lib/cli.ts';
import { buildRuntime } from '../lib/onnx-runtime.ts';
import { formatBytes } from '../lib/text.ts';

const HELP = `Builds the ONNX runtime of the Worker and of the static page, in dist/runtime.

  npm run build:runtime

The build starts ONNX Runtime's WebAssembly and keeps the memory of the started runtime. From there it runs every operator that
tabular models may have (onnx/runtime/cases), and leaves out the functions that no operator calls. Beside it goes the code of the
full runtime, which takes over where a function is missing. The first build takes some 20 s; node_modules/.cache keeps the result. Wrangler runs this command before it starts, bundles or deploys the Worker
(wrangler.toml, [build]).

ONNX_RUNTIME=stock uses the whole runtime instead: here, in npm start, in the tests, in deploys, and in the checks of models.

Options:
  --json     print the result as JSON`;

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    const { kind, wasm, stockBytes } = await buildRuntime();
    const bytes = wasm.length;
    return {
      text: `The ${kind} runtime: ${formatBytes(bytes)} (the stock one has ${formatBytes(stockBytes)})`,
      data: { kind, bytes, stockBytes },
    };
  },
);
