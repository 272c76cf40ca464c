/**
 * Whether a text that should be UTF-8 is UTF-16: it begins with a byte order mark, or its first character has a byte that is zero.
 * Without the mark, UTF-16 of ASCII characters is UTF-8, too, with a NUL beside each: no JSON or CSV begins so.
 */
export function isUtf16([first, second]: Uint8Array): boolean {
  if (first === undefined || second === undefined) return false;
  return first === 0 || second === 0 || (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
