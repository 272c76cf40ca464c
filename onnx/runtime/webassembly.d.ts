/** What is used of WebAssembly, which Node's types leave to the browser's. */
declare namespace WebAssembly {
  type ImportValue = unknown;
  type Imports = Record<string, Record<string, ImportValue>>;
  type Exports = Record<string, unknown>;
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
    static exports(module: Module): { name: string }[];
  }
  class RuntimeError extends Error {}
  class Memory {
    constructor(limits: { initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Table {
    get(index: number): unknown;
  }
  class Global {
    readonly value: unknown;
  }
  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Readonly<Exports>;
  }
  function instantiate(module: Module, imports: unknown): Promise<Instance>;
}
