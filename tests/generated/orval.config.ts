// orval writes TypeScript's Record<…> itself, so that no type of the API may have that name: each gets a suffix.
const override = { components: { schemas: { suffix: 'Schema' } } };
const input = '../../dist/generated/openapi.json';
const target = (client: string) => `../../dist/generated/orval/${client}.ts`;
// process.env: npm run test:generated says where its Worker is.
const baseUrl = process.env['FUTURISYS_URL'] ?? '';

export default {
  fetch: { input, output: { target: target('fetch'), client: 'fetch', mode: 'single', baseUrl, override } },
  zod: { input, output: { target: target('zod'), client: 'zod', mode: 'single', override } },
};
