import { useEffect } from 'preact/hooks';
import { failureText } from './failure-text.ts';
import type { Language } from './language.ts';
import { texts } from './texts.ts';

type Props = { error: unknown; language: Language; retry?: (() => void) | undefined };

/** Shows a failure, tells it to a screen reader at once, and offers to try again. */
export function Failure({ error, language, retry }: Props) {
  // The cause is for a developer.
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
