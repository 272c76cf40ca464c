import { useEffect } from 'preact/hooks';
import { failureText } from './failure-text.ts';
import type { Language } from './language.ts';
import { texts } from './texts.ts';

type Props = { error: unknown; language: Language; retry?: (() => void) | undefined };

/** Says what went wrong, at once also to a screen reader, and offers to try again. */
export function Failure({ error, language, retry }: Props) {
  // The cause is for who looks for it.
  useEffect(() => console.error(error), [error]);
  return (
    <div class="failure" role="alert">
      <p>{failureText(error)[language]}</p>
      {retry && (
        <button type="button" onClick={retry}>
          {texts.retry[language]}
        </button>
      )}
    </div>
  );
}
