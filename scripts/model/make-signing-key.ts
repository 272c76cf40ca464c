import { parseArgs } from 'node:util';
import { SigningKey } from '../../common/contract/signature.ts';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';
import { KEY_VARIABLE, KEYS_VARIABLE, makeSigningKey } from '../lib/model/signing.ts';

const HELP = `Makes a pair of keys (Ed25519) that model versions are signed with.

  npm run make-signing-key -- --id ID

Options:
  --id ID  names the key in signatures and in logs: up to 40 of a-z, 0-9 and "-", as in release-2026
  --json   print the result as JSON

The public half goes into ${KEYS_VARIABLE} of each environment in wrangler.toml: from the next deploy on, no version serves
there that none of those keys signed. The private half is for publish-model, as ${KEY_VARIABLE}. It is shown once and stored
nowhere.

To change the key without an interruption: name the new one beside the old one, deploy, sign with the new one from then on, and
take the old one away when no version of it is to serve any more.`;

await runCommand(
  HELP,
  () => parseArgs({ options: { id: { type: 'string' }, ...commonOptions } }).values,
  async ({ id }) => {
    const name = SigningKey.shape.id.safeParse(id);
    if (!name.success) throw new UserError('--id must be up to 40 of a-z, 0-9 and "-", as in release-2026.', 2);
    const { publicKey, privateKey } = await makeSigningKey(name.data);
    return {
      text: `For wrangler.toml, in the vars of each environment (several keys between blanks):

${KEYS_VARIABLE} = "${publicKey}"

For the GitHub environment "model", as the secret ${KEY_VARIABLE}, or for the shell that publishes. It is not shown again:

${privateKey}`,
      data: { id: name.data, publicKey, privateKey },
    };
  },
);
