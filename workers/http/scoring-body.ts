import { ProblemError } from '../errors.ts';
import { isUtf16 } from './utf16.ts';

/** MLflow knows no other charset and no other parameter. */
const CONTENT_TYPE = /^\s*(application\/json|text\/csv)\s*(;\s*charset=("?)utf-8\3\s*)?$/i;

/** The format of a body of MLflow's scoring protocol. Throws `unsupported-media-type`. */
export function scoringFormatOf(contentType = ''): 'json' | 'csv' {
  switch (CONTENT_TYPE.exec(contentType)?.[1]?.toLowerCase()) {
    case 'application/json':
      return 'json';
    case 'text/csv':
      return 'csv';
    default:
      throw new ProblemError('unsupported-media-type', {
        detail: 'Send the rows as application/json or as text/csv, in UTF-8.',
      });
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Counts line ends (LF, CR or both). The lines of a CSV file are its header and its rows. */
export function countLines(text: Uint8Array): number {
  let lines = 0;
  let before = 0;
  for (const byte of text) {
    if (byte === CARRIAGE_RETURN || (byte === LINE_FEED && before !== CARRIAGE_RETURN)) lines++;
    before = byte;
  }
  return lines;
}

/** Decodes a CSV file in UTF-8. Throws `invalid-csv` for anything else. */
export function decodeCsv(bytes: Uint8Array): string {
  if (isUtf16(bytes)) throw new ProblemError('invalid-csv', { detail: 'The text is UTF-16, and must be UTF-8.' });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new ProblemError('invalid-csv', { detail: 'The text is not UTF-8.', cause });
  }
}
