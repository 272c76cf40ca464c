import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { openDatabase } from '../lib/database/database-endpoint.ts';
import { applyMigrations } from '../lib/database/migrations.ts';

const HELP = `Applies the database migrations that are still missing, each in one transaction.

  DATABASE_URL=postgres://… npm run migrate [-- --json]

Options:
  --json  print the result as JSON

The environment variable DATABASE_URL names the database, at Neon or any other Postgres. A second run changes nothing.
npm start migrates the local database by itself.`;

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    const databaseUrl = process.env['DATABASE_URL'];
    if (!databaseUrl) throw new UserError('DATABASE_URL is not set. See: npm run migrate -- --help');
    const database = await step('connecting to the database', () => openDatabase(databaseUrl));
    try {
      const applied = await step('migrating it', () => applyMigrations(database.databaseUrl));
      return { text: summary(applied), data: { applied } };
    } finally {
      await database.close();
    }
  },
);

function summary(applied: string[]): string {
  return applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to apply.';
}
