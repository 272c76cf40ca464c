import { toHex } from '../../common/bytes.ts';
import { Contract } from '../../common/contract/contract.ts';
import type { RawOutput } from '../../common/contract/outputs/outputs.ts';
// npm run build:runtime makes it.
import fullUrl from '../../dist/runtime/ort-full.wasm?url';
import slimUrl from '../../dist/runtime/ort-wasm-simd-threaded.wasm?url';
import { createSession, type Session } from '../../onnx/session.ts';
import { toSessionContract } from '../../onnx/session-contract.ts';
import { installRuntime } from '../../onnx/switchable-runtime.ts';
import { PageError } from '../backend.ts';
import { texts } from './texts.ts';

let full: Promise<WebAssembly.Module> | null = null;
installRuntime({
  slim: () => compile(slimUrl),
  // Downloaded only for a model that needs it.
  async full() {
    full ??= compile(fullUrl);
    const module = await full;
    return WebAssembly.Module.exports(module).length > 0 ? module : null;
  },
  // A browser's main thread must not instantiate large modules in one go.
  instantiate: (module, imports) => WebAssembly.instantiate(module, imports),
});

async function compile(url: string): Promise<WebAssembly.Module> {
  // A host that names another type than application/wasm is asked again, without compiling while it answers.
  return WebAssembly.compileStreaming(fetch(url)).catch(async () =>
    WebAssembly.compile(await (await fetch(url)).arrayBuffer()),
  );
}

/** The contract, and the sha256 of its bytes. That is null on an insecure page, where no model is started either. */
export async function loadContract(): Promise<{ contract: Contract; contractSha256: string | null }> {
  const bytes = await download('contract.json');
  try {
    const contract = Contract.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { contract, contractSha256: isSecureContext ? await sha256Hex(bytes) : null };
  } catch (error) {
    throw new PageError(texts.badContract, error);
  }
}

/** Downloads the graph, and makes a session of it only where its bytes are those that the contract describes. */
export async function loadSession(contract: Contract): Promise<Session<RawOutput>> {
  const { graph } = contract;
  // The digest in the address: a cache cannot answer with the graph of an earlier contract.
  const bytes = await download(`${graph.file}?sha256=${graph.sha256}`);
  if (!isSecureContext) throw new PageError(texts.insecure);
  if ((await sha256Hex(bytes)) !== graph.sha256) throw new PageError(texts.otherModel);
  try {
    return await createSession(bytes, toSessionContract(contract));
  } catch (error) {
    throw new PageError(texts.notStarted, error);
  }
}

async function download(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(path, { cache: 'no-cache' });
    if (!response.ok) throw new Error(`${path}: status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new PageError(texts.notDownloaded, error);
  }
}

async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
