/**
 * What a parsed value takes in V8's heap, measured with half a million of each at the peak of JSON.parse: an empty object takes 64
 * bytes, an empty array 40, a member under a name of its own 52 to 71, a number in an array 8 to 24, a text 8 to 32.
 */
const CONTAINER_BYTES = 64;
const MEMBER_BYTES = 64;
const ELEMENT_BYTES = 16;
/**
 * An isolate has 128 MB: 26 MB at rest, 16 MB for a body and as much for its text. 76,000 rows of 27 columns in MLflow's orientation
 * "split", or 20,000 whole records, need less than this.
 */
const MAX_HEAP_BYTES = 48 * 1024 * 1024;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [ARRAY, OBJECT] = [0x5b, 0x7b];

/** What a JSON text in UTF-8 holds. */
export type JsonStructure = {
  /** Of all objects together. */
  members: number;
  /** What it takes in the heap when it is parsed, in bytes, roughly. */
  heapBytes: number;
};

/** Whether parsing a JSON text might fill the memory of an isolate. */
export function isOversized({ heapBytes }: JsonStructure): boolean {
  return heapBytes > MAX_HEAP_BYTES;
}

/**
 * Counts what a JSON text in UTF-8 holds. Looks at the bytes once, about 1 ms a megabyte, and builds nothing: a body of 16 KB in
 * gzip may hold 5.6 million empty objects.
 */
export function measureJson(json: Uint8Array): JsonStructure {
  let [containers, members, elements] = [0, 0, 0];
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfText(json, at + 1);
    else if (byte === COMMA) elements++;
    else if (byte === COLON) members++;
    else if (byte === OBJECT || byte === ARRAY) containers++;
  }
  return { members, heapBytes: containers * CONTAINER_BYTES + members * MEMBER_BYTES + elements * ELEMENT_BYTES };
}

/** Where the quote stands that ends a text. */
function endOfText(json: Uint8Array, from: number): number {
  let at = from;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
