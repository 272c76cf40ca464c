import { useRef, useState } from 'preact/hooks';
import type { Contract } from '../common/contract/contract.ts';
import type { Text } from '../common/contract/text.ts';
import { failureText } from './failure-text.ts';
import type { Language } from './language.ts';
import { texts } from './texts.ts';

type Props = { contract: Contract; language: Language; notice: Text | null; signIn(apiKey: string): Promise<void> };

export function SignIn({ contract, language, notice, signIn }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [refusal, setRefusal] = useState<Text | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    setRefusal(null);
    try {
      await signIn(input.current?.value.trim() ?? '');
    } catch (error) {
      setRefusal(failureText(error));
      input.current?.focus();
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="sign-in" onSubmit={submit} noValidate>
      <p class="quiet">{contract.description[language]}</p>
      <div class="panel">
        <h2>{texts.signIn[language]}</h2>
        {notice && !refusal && <p role="status">{notice[language]}</p>}
        <label for="api-key">{texts.apiKey[language]}</label>
        <input
          ref={input}
          id="api-key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-describedby="api-key-help api-key-refusal"
          aria-invalid={refusal !== null}
        />
        <p id="api-key-refusal" class="error" role="alert">
          {refusal?.[language]}
        </p>
        <p id="api-key-help" class="help">
          {texts.signInHelp[language]}
        </p>
        <button type="submit" class="primary" disabled={isBusy}>
          {texts.signIn[language]}
        </button>
      </div>
    </form>
  );
}
