import { ApiError } from '../client/client.ts';
import type { Text } from '../common/contract/text.ts';
import { PageError } from './backend.ts';
import { problemTexts, texts } from './texts.ts';

/** Any failure in words for the reader. The API words its problems in English: the usual ones have words of the page's own. */
export function failureText(error: unknown): Text {
  if (error instanceof PageError) return error.text;
  if (!(error instanceof ApiError)) return texts.unexpected;
  const { problem, requestId } = error;
  const code = problem?.type.replace('/problems/', '') ?? '';
  const known: Readonly<Record<string, Text>> = problemTexts;
  const text = known[code] ?? { fr: error.message, en: error.message };
  if (error.status < 500 || requestId === null) return text;
  return {
    fr: `${text.fr} (Référence\u00a0: ${requestId})`,
    en: `${text.en} (Reference: ${requestId})`,
  };
}
