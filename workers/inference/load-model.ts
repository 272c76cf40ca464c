import { waitUntil } from 'cloudflare:workers';
import * as z from 'zod';
import { type ActivePointer, isActive, sameVersion, type VersionId } from '../../common/contract/active-pointer.ts';
import { Contract } from '../../common/contract/contract.ts';
import { Manifest, modelKey } from '../../common/contract/model-version.ts';
import type { NeededRuntime } from '../../common/contract/needed-runtime.ts';
import { OutputLabels } from '../../common/contract/outputs/outputs.ts';
import { SIGNATURE_FILE, type SigningKey, signatureDefect } from '../../common/contract/signature.ts';
import { replayGoldenCases } from '../../common/record/golden-cases.ts';
import { createMatrixLayout } from '../../common/record/tensors.ts';
import { createValidator, type Validator } from '../../common/record/validation.ts';
import { onFullRuntime, withPrecompiledRuntime } from '../../onnx/precompiled-runtime.ts';
import { createSession } from '../../onnx/session.ts';
import { toSessionContract } from '../../onnx/session-contract.ts';
import { verifyEd25519 } from '../ed25519.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Predictor } from '../ports.ts';
import { sha256Hex } from '../sha256.ts';
import { copyPointer, readActivePointer, readFirstActivePointer } from './active-pointer.ts';
import {
  type ActiveVersion,
  type LoadedVersion,
  NothingActive,
  UnloadableVersion,
  UnsignedVersion,
} from './loaded-version.ts';

// At most once an isolate, so that the lines are the count. Nobody else notices.
onFullRuntime((cause) => {
  if (cause === null) logEvent('info', 'full ONNX runtime started', { reason: 'the version is marked' });
  else
    logEvent('warn', 'full ONNX runtime started', { reason: 'the slim one lacks a function', cause: causeOf(cause) });
});

/**
 * Loads the version that the active pointer in R2 names. The pointer states the sha256 of the contract, and the contract that of
 * the graph. No byte is used before its digest matches: a changed byte is an error, not another prediction. Where there are
 * signing keys, one of them must have signed the contract.
 */
export async function loadModel(
  bucket: R2Bucket,
  current: ActiveVersion | null,
  workerVersion: string,
  signingKeys: readonly SigningKey[],
): Promise<ActiveVersion> {
  const { pointer, etag, isCopy } = await (current
    ? readActivePointer(bucket, current.etag)
    : readFirstActivePointer(bucket, workerVersion));
  if (!pointer) {
    if (current) return current;
    throw new Error('the active pointer was not read');
  }
  // A copy is not copied again: it would outlive its time, or replace a newer one.
  const copy = () => (isCopy ? undefined : waitUntil(copyPointer(workerVersion, { pointer, etag })));
  if (!isActive(pointer, pointer)) {
    // Without this copy, an isolate that starts while R2 is down would take the one that names the withdrawn version.
    copy();
    throw new NothingActive(pointer);
  }
  if (current && isSame(current.predictor, pointer)) {
    current.pointer = pointer;
    current.etag = etag;
    copy();
    return current;
  }
  try {
    const loaded = { ...(await loadVersion(bucket, pointer, signingKeys)), pointer, etag };
    copy();
    return loaded;
  } catch (cause) {
    throw new UnloadableVersion(pointer, cause);
  }
}

function isSame({ contract, contractSha256 }: Predictor, pointer: ActivePointer): boolean {
  return (
    sameVersion(contract, pointer) &&
    contractSha256 === pointer.contractSha256 &&
    contract.graph.sha256 === pointer.graphSha256
  );
}

/** Loads any stored version, sealed by the digests of its manifest. Null if it is not in R2, or not whole. */
export async function loadStoredVersion(
  bucket: R2Bucket,
  { name, version }: VersionId,
  signingKeys: readonly SigningKey[],
): Promise<LoadedVersion | null> {
  const manifest = await readManifest(bucket, { name, version });
  if (!manifest) return null;
  const { files } = manifest;
  const [contractSha256, graphSha256] = [files['contract.json'].sha256, files['model.onnx'].sha256];
  return loadVersion(bucket, { name, version, contractSha256, graphSha256, runtime: manifest.runtime }, signingKeys);
}

/**
 * Reads the labels of a stored version, without its graph; null where it predicts a number. Checks nothing else of its contract: an old contract may lack fields
 * that a version needs to serve. Rejects if the version is not in R2, or not whole.
 */
export async function readStoredLabels(bucket: R2Bucket, { name, version }: VersionId): Promise<string[] | null> {
  const manifest = await readManifest(bucket, { name, version });
  if (!manifest) throw new Error(`${name} ${version} is not in the bucket`);
  const bytes = await readVerified(
    bucket,
    modelKey(name, version, 'contract.json'),
    manifest.files['contract.json'].sha256,
  );
  return WithLabels.parse(JSON.parse(new TextDecoder().decode(bytes))).output;
}

const WithLabels = z.object({ output: OutputLabels });

async function readManifest(bucket: R2Bucket, { name, version }: VersionId): Promise<Manifest | null> {
  const object = await bucket.get(modelKey(name, version, 'manifest.json'));
  return object && Manifest.parse(await object.json());
}

/** `runtime` changes no answer: a wrong mark costs time. */
type Sealed = VersionId & { contractSha256: string; graphSha256: string; runtime?: NeededRuntime | undefined };

async function loadVersion(
  bucket: R2Bucket,
  sealed: Sealed,
  signingKeys: readonly SigningKey[],
): Promise<LoadedVersion> {
  const { name, version, contractSha256, graphSha256 } = sealed;
  const [contractBytes, graph] = await Promise.all([
    readVerified(bucket, modelKey(name, version, 'contract.json'), contractSha256).then(async (contract) => {
      await checkSignature(bucket, sealed, contract, signingKeys);
      return contract;
    }),
    readVerified(bucket, modelKey(name, version, 'model.onnx'), graphSha256),
  ]);
  const contractJson = new TextDecoder().decode(contractBytes);
  const contract = parseContract(contractJson);
  if (contract.name !== name || contract.version !== version || contract.graph.sha256 !== graphSha256) {
    throw new Error(`the contract is not that of ${name} ${version}`);
  }
  const session = await withPrecompiledRuntime(() => createSession(graph, toSessionContract(contract)), sealed.runtime);
  const toMatrices = createMatrixLayout(contract);
  const predict: Predictor['predict'] = (records) => session.run(toMatrices(records));
  const validate = createValidator(contract);
  try {
    await checkFirstGoldenCase(contract, predict, validate);
  } catch (error) {
    await session.release();
    throw error;
  }
  return {
    predictor: {
      contract,
      contractJson,
      contractSha256,
      validate,
      predict,
    },
    release: () => session.release(),
  };
}

/**
 * Throws unless one of the keys signed the contract. A right signature is kept in the Cache API, so that a version can be loaded
 * while R2 is down; a missing or a wrong one is asked for again each time.
 */
async function checkSignature(
  bucket: R2Bucket,
  { name, version, contractSha256 }: Sealed,
  contract: Uint8Array,
  keys: readonly SigningKey[],
): Promise<void> {
  if (keys.length === 0) return;
  const defectOf = (signatureJson: string | null) =>
    signatureDefect({ name, version }, { contract, signatureJson }, keys, verifyEd25519);
  const key = modelKey(name, version, SIGNATURE_FILE);
  const address = `https://models.invalid/${key}?contract=${contractSha256}`;
  const copy = await caches.default.match(address).catch(() => undefined);
  if (copy && (await defectOf(await copy.text())) === null) return;
  const object = await bucket.get(key);
  const signatureJson = object && (await object.text());
  const defect = await defectOf(signatureJson);
  if (defect !== null) throw new UnsignedVersion(`${name} ${version} may not serve: ${defect}`);
  const headers = { 'cache-control': 'public, max-age=31536000, immutable' };
  waitUntil(caches.default.put(address, new Response(signatureJson, { headers })));
}

const WithGoldenCases = z.looseObject({ golden: z.array(z.unknown()) });

/**
 * Parses a contract with its first golden case alone, which is the one that is replayed here. The golden cases are half of a
 * contract's bytes, and the script that stored the version has parsed them all.
 */
function parseContract(json: string): Contract {
  const { golden, ...fields } = WithGoldenCases.parse(JSON.parse(json));
  return Contract.parse({ ...fields, golden: golden.slice(0, 1) });
}

/** All cases were run when the version was stored. One shows that the graph computes the same in this isolate. */
async function checkFirstGoldenCase(
  contract: Contract,
  predict: Predictor['predict'],
  validate: Validator,
): Promise<void> {
  const [golden] = contract.golden;
  const sample = { ...contract, golden: golden ? [golden] : [], examples: [] };
  const { failures } = await replayGoldenCases(sample, predict, validate);
  if (failures.length > 0) throw new Error(failures.join('; '));
}

/** Reads R2 through the Cache API, which is nearer. Checks bytes before they enter the cache, and when they leave it. */
async function readVerified(bucket: R2Bucket, key: string, sha256: string): Promise<Uint8Array<ArrayBuffer>> {
  const address = `https://models.invalid/${key}?sha256=${sha256}`;
  // If the cache fails, R2 is asked.
  const cached = await caches.default.match(address).catch(() => undefined);
  if (cached) {
    const copy = new Uint8Array(await cached.arrayBuffer());
    if ((await sha256Hex(copy)) === sha256) return copy;
  }
  const object = await bucket.get(key);
  if (!object) throw new Error(`${key} is not in the bucket`);
  const bytes = new Uint8Array(await object.arrayBuffer());
  const actual = await sha256Hex(bytes);
  if (actual !== sha256) throw new Error(`${key} is not what was published: its sha256 is ${actual}, not ${sha256}`);
  waitUntil(
    caches.default.put(
      address,
      new Response(bytes, { headers: { 'cache-control': 'public, max-age=31536000, immutable' } }),
    ),
  );
  return bytes;
}
