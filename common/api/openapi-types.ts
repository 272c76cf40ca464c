import type { Scope } from './scope.ts';

export type JsonObject = { readonly [name: string]: unknown };

/** The facts about an environment that a caller needs. */
export type Deployment = {
  /** The scopes of callers without an API key. */
  publicScopes: readonly Scope[];
  batch: { maxRows: number; maxBytes: number };
};

export type Answer = { description: string; headers?: JsonObject; content: JsonObject };
