import type { Scope } from './scope.ts';

export type JsonObject = { readonly [name: string]: unknown };

/** What of an environment a caller has to know. */
export type Deployment = {
  /** What callers without an API key may do. */
  publicScopes: readonly Scope[];
  batch: { maxRows: number; maxBytes: number };
};

export type Answer = { description: string; headers?: JsonObject; content: JsonObject };
