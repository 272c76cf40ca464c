import { HubError } from './hub-error.ts';

/** The JSON object that a request's body must be. The others check one field of it; all refuse with 400. */
export function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HubError(400, 'The body is not JSON');
  }
  return asObject(value, 'The body');
}

export function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HubError(400, `${name} must be an object`);
  }
  return Object.fromEntries(Object.entries(value));
}

export function asText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new HubError(400, `${name} must be a string`);
  return value;
}

export function asOptionalText(value: unknown, name: string): string | undefined {
  return value === undefined || value === null ? undefined : asText(value, name);
}

export function asSize(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new HubError(400, `${name} must be a number of bytes`);
  }
  return value;
}

export function asList(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new HubError(400, `${name} must be a list`);
  return value;
}
