export type BundledFile = { path: string; bytes: Buffer };

/** The bundler puts everything but the page itself here. The folder belongs to the build: files of an earlier build may go. */
export const ASSETS = 'assets/';

/** Bundles the page in a folder, its index.html, with all that it needs. `base` is the address of index.html's folder. */
export async function bundlePage(folder: string, base: '/' | './'): Promise<BundledFile[]> {
  // The bundler takes most of a second to load, and many commands build nothing.
  const { build } = await import('vite');
  const result = await build({
    root: folder,
    base,
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      write: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      // The libraries ask for their notices to go along with them.
      license: { fileName: `${ASSETS}licenses.md` },
      rolldownOptions: { output: { comments: { legal: true } } },
    },
  });
  if (!('output' in result)) throw new Error('The bundler built nothing, or more than one thing.');
  return result.output.map((file) => ({
    path: file.fileName,
    bytes: Buffer.from(file.type === 'chunk' ? file.code : file.source),
  }));
}
