import type { Contract } from '../common/contract/contract.ts';
import type { Language } from './language.ts';
import { addressOf } from './route.ts';
import type { Tab } from './tabs.ts';
import { texts } from './texts.ts';

type Props = {
  title: string;
  /** The name of the environment; empty until it is known. */
  level: string;
  tabs: readonly { tab: Tab; title: string }[];
  shown: Tab | null;
  language: Language;
  setLanguage(language: Language): void;
  /** Null where signing in or out makes no sense. */
  sign: { text: string; press(): void } | null;
};

const LANGUAGES = { fr: 'Français', en: 'English' } as const satisfies Contract['title'];

export function Header({ title, level, tabs, shown, language, setLanguage, sign }: Props) {
  return (
    <header class="top">
      <div class="bar">
        <h1>{title}</h1>
        {level && <span class="badge">{level}</span>}
        <div class="tools">
          <fieldset class="switch">
            <legend class="unseen">{texts.language[language]}</legend>
            {(['fr', 'en'] as const).map((it) => (
              <button key={it} type="button" lang={it} aria-pressed={it === language} onClick={() => setLanguage(it)}>
                {LANGUAGES[it]}
              </button>
            ))}
          </fieldset>
          {sign && (
            <button type="button" onClick={sign.press}>
              {sign.text}
            </button>
          )}
        </div>
      </div>
      {tabs.length > 1 && (
        <nav class="tabs" aria-label={texts.sections[language]}>
          {tabs.map(({ tab, title }) => (
            <a key={tab} href={addressOf(tab)} aria-current={tab === shown ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
      )}
    </header>
  );
}
