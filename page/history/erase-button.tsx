import { useRef, useState } from 'preact/hooks';
import { Failure } from '../failure.tsx';
import type { Language } from '../language.ts';
import { texts } from './texts.ts';

type Props = { erase(): Promise<void>; language: Language };

/** Erases a prediction, once the visitor has said so twice. */
export function EraseButton({ erase, language }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [isErasing, setIsErasing] = useState(false);

  async function confirm(): Promise<void> {
    setIsErasing(true);
    setFailure(null);
    try {
      await erase();
    } catch (error) {
      setFailure(error);
      setIsErasing(false);
    }
  }

  return (
    <>
      <button type="button" class="danger no-print" onClick={() => dialog.current?.showModal()}>
        {texts.erase[language]}
      </button>
      <dialog ref={dialog} class="panel erase-dialog" aria-labelledby="erase-question">
        <h3 id="erase-question">{texts.eraseQuestion[language]}</h3>
        <p>{texts.eraseHelp[language]}</p>
        {failure !== null && <Failure error={failure} language={language} />}
        <div class="row">
          {/* First, and so focused: what a hasty Enter presses must do no harm. */}
          <button type="button" onClick={() => dialog.current?.close()}>
            {texts.keep[language]}
          </button>
          <button type="button" class="danger" disabled={isErasing} onClick={() => void confirm()}>
            {texts.eraseNow[language]}
          </button>
        </div>
      </dialog>
    </>
  );
}
