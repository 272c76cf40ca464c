/** A body of at most so many bytes takes 1.5 MB when it is parsed, whatever it holds. */
const SMALL_BYTES = 64 * 1024;
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

/**
 * Whether parsing a JSON text in UTF-8 might fill the memory of an isolate. Looks at the bytes once, about 1 ms a megabyte, and
 * builds nothing: a body of 16 KB in gzip may hold 5.6 million empty objects.
 */
export function isOversized(json: Uint8Array): boolean {
  return json.byteLength > SMALL_BYTES && estimateHeapBytes(json) > MAX_HEAP_BYTES;
}

/** What a JSON text in UTF-8 takes in the heap when it is parsed, in bytes, roughly. */
export function estimateHeapBytes(json: Uint8Array): number {
  let bytes = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfText(json, at + 1);
    else if (byte === COMMA) bytes += ELEMENT_BYTES;
    else if (byte === COLON) bytes += MEMBER_BYTES;
    else if (byte === OBJECT || byte === ARRAY) bytes += CONTAINER_BYTES;
  }
  return bytes;
}

/** Where the quote stands that ends a text. */
function endOfText(json: Uint8Array, from: number): number {
  let at = from;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
