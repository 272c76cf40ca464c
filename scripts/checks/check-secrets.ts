import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';
import { listFiles, openGit } from '../lib/git.ts';

const HELP = `Looks for secrets in the files of the checkout that git does not ignore.

  npm run check:secrets [-- options]

Options:
  --directory DIR  the checkout (default .)
  --json           print the result as JSON

It knows the secrets that this project uses (API keys, tokens of Hugging Face, Cloudflare, GitHub and npm, keys of R2, database
URLs and passwords, private keys), and files that hold nothing else. It prints the place of a secret, never its text. Revoke the
secret first, then remove it: everybody with a copy of the repository has it.`;

const options = { directory: { type: 'string', default: '.' } } as const;

type Rule = {
  what: string;
  /** The first group is the secret. A made-up secret has few different characters. */
  pattern: RegExp;
};

const RULES: Rule[] = [
  { what: 'an API key of this service', pattern: /\bfk_[a-z0-9][a-z0-9-]{0,39}_([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])/g },
  { what: 'a Hugging Face token', pattern: /\bhf_([A-Za-z0-9]{30,})/g },
  { what: 'a Cloudflare token', pattern: /\bcf(?:k|ut|at)_([A-Za-z0-9_-]{40,})/g },
  { what: 'a Neon API key or password', pattern: /\b(?:napi|npg)_([A-Za-z0-9]{12,})/g },
  { what: 'a GitHub token', pattern: /\b(?:gh[pousr]_|github_pat_)([A-Za-z0-9_]{36,})/g },
  { what: 'an npm token', pattern: /\bnpm_([A-Za-z0-9]{36})\b/g },
  { what: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)([A-Z0-9]{16})\b/g },
  // A host of this machine, and one without a domain, is nobody's database.
  {
    what: 'a database URL with its password',
    pattern: /\bpostgres(?:ql)?:\/\/[^\s:@/'"`]+:([^\s@/'"`${}<>]{8,})@(?!127\.0\.0\.1)[\w-]+\.[\w.-]+/g,
  },
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\\nr]+([A-Za-z0-9+/=\s\\]{40,})/g },
  // PKCS #8 of an Ed25519 key in base64, as npm run make-signing-key prints it, always begins alike.
  { what: 'a private key for models', pattern: /MC4CAQAwBQYDK2VwBCIEI([A-Za-z0-9+/]{43})/g },
  // Tokens of Cloudflare and keys of R2 need not look like anything: what they are given to tells.
  {
    what: 'the value of a secret variable',
    pattern:
      /\b\w*(?:TOKEN|SECRET|PASSWORD|API_KEY|ACCESS_KEY|ACCESS_KEY_ID)["']?\s*[:=]\s*["'`]?(?=[A-Za-z_/+=-]*\d)([A-Za-z0-9_/+=-]{20,})(?![\w(.[])/g,
  },
];

/** How many different characters a secret has at least: a random one hardly ever has fewer, "xxxx" and the like have. */
const MIN_DIFFERENT = 9;

/** Files that are made to hold secrets. */
const SECRET_FILES =
  /^(\.dev\.vars(?!\.example$).*|\.env(?!\.example$).*|id_(rsa|ecdsa|ed25519)|.*\.(pem|p12|pfx|key))$/;

/** A file with a zero byte near its beginning is not text, as for git. */
const SNIFFED_BYTES = 8000;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ directory }) => {
    const files = await listFiles(openGit(directory));
    const found = (await Promise.all(files.map((file) => search(directory, file)))).flat();
    if (found.length > 0) {
      throw new UserError(
        `There are secrets among the files:\n${found.join('\n')}\nRevoke them first; then remove them, also from the history.`,
      );
    }
    return { text: `No secret in ${files.length} files.`, data: { files: files.length } };
  },
);

/** The lines of a file that hold secrets, and the kinds of the secrets. */
async function search(directory: string, file: string): Promise<string[]> {
  const named = SECRET_FILES.test(basename(file)) ? [`${file}: a file of secrets`] : [];
  // One that is deleted and not yet committed, a link to nothing, or a repository inside of this one.
  const bytes = await readFile(join(directory, file)).catch(() => Buffer.alloc(0));
  if (bytes.subarray(0, SNIFFED_BYTES).includes(0)) return named;
  const text = bytes.toString('utf8');
  const found = RULES.flatMap(({ what, pattern }) =>
    [...text.matchAll(pattern)]
      .filter(([, secret = '']) => new Set(secret).size >= MIN_DIFFERENT)
      .map(({ index }) => `${file}:${text.slice(0, index).split('\n').length}: ${what}`),
  );
  return [...named, ...new Set(found)];
}
