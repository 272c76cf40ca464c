import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/**
 * Code builds SQL from Drizzle's parts or from a template with the tag `sql`, whose values become parameters. These are the
 * ways around that. ALLOWED lists each use of one, with the reason why no text of a request can be in it.
 */
const WAYS_AROUND: [name: string, isIn: (code: string) => boolean][] = [
  // Text as it is, in the middle of a statement.
  ['raw', (code) => /\bsql\.raw\s*\(|\.unsafe\s*\(/.test(code)],
  // A statement that is given as a value, not as a tagged template.
  [
    'statement',
    (code) =>
      /\.(?:query|execute)\s*\(\s*(?!sql\b)[^)\s]/.test(code) ||
      /\b(?:database|db|client|pool|connection|transaction)\.exec\(/.test(code),
  ],
  // A template without the tag that reads like a statement and has values in it.
  [
    'template',
    (code) => templatesOf(code).some(({ tag, text }) => tag !== 'sql' && /\$\{/.test(text) && STATEMENT.test(text)),
  ],
  // A statement that is put together with +.
  ['concatenation', (code) => /['"]\s*(?:select|insert into|update|delete from)\s[^'"\n]*['"]\s*\+/i.test(code)],
];

const STATEMENT =
  /^`\s*(?:select\s|insert\s+into|update\s+\S+\s+set|delete\s+from|drop\s|alter\s|create\s|truncate|begin\b|set\s+transaction|explain\b|with\s+\S+\s+as)/i;

const ALLOWED = new Map<string, string>([
  ['workers/store/insert-predictions.ts raw', 'the types of the columns of schema.ts'],
  ['scripts/lib/database/migrations.ts statement', 'the files of migrations/'],
  [
    'scripts/lib/database/postgres-backends.ts statement',
    'what the Neon driver sends, with its parameters, and constants',
  ],
  [
    'scripts/lib/database/postgres-backends.ts template',
    'the modes of a transaction, which neon-endpoint.ts makes of constants',
  ],
]);

/** The template literals of a source, one that is inside of another included in it. */
function templatesOf(code: string): { tag: string; text: string }[] {
  return [...code.matchAll(/(\w*)(?:<[\w[\]| ]+>)?(`(?:[^`\\]|\\.)*`)/g)].map(([, tag = '', text = '']) => ({
    tag,
    text,
  }));
}

/** The ways around parameters that a source takes. */
function waysIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return WAYS_AROUND.filter(([, isIn]) => isIn(code)).map(([name]) => name);
}

describe('SQL', () => {
  it('is never put together from text but where the text is constant', () => {
    const files = globSync('{workers,scripts,common,client,onnx,page}/**/*.{ts,tsx}')
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => !/\.test\.tsx?$|\/test\//.test(file));
    expect(files).toContain('workers/store/history.ts');
    const found = files.flatMap((file) => waysIn(readFileSync(file, 'utf8')).map((way) => `${file} ${way}`));
    expect(found.sort()).toEqual([...ALLOWED.keys()].sort());
  });

  it.each([
    ['sql.raw(order)', 'raw'],
    ['client.unsafe(text)', 'raw'],
    ['await client.query(statement, [])', 'statement'],
    ["await client.query('select 1')", 'statement'],
    ['database().execute(statement)', 'statement'],
    ['await transaction.exec(text)', 'statement'],
    [`const text = \`select * from predictions where label = \${label}\``, 'template'],
    [`run(\`delete\n from \${table}\`)`, 'template'],
    ["const text = 'select * from predictions where label = ' + label", 'concatenation'],
  ])('that is put together is found: %s', (source, way) => {
    expect(waysIn(source)).toContain(way);
  });

  it.each([
    `database().execute(sql\`select \${id}::uuid\`)`,
    `await sql\`insert into t values (\${value})\``,
    `sql<number>\`select count(*) from t where id = \${id}\``,
    `const message = \`\${count} rows of the selection\``,
    '/^Bearer/.exec(header)',
  ])('with parameters, and what is none, is let pass: %s', (source) => {
    expect(waysIn(source)).toEqual([]);
  });
});
