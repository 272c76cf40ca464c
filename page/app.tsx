import { useEffect, useRef, useState } from 'preact/hooks';
import type { Text } from '../common/contract/text.ts';
import type { Backend, TabProps } from './backend.ts';
import { EmployeeTab } from './employee/employee-tab.tsx';
import { Failure } from './failure.tsx';
import { Header } from './header.tsx';
import { initialLanguage, type Language, storeLanguage } from './language.ts';
import { LazyTab, type LoadTab } from './lazy-tab.tsx';
import { addressOf, useRoute } from './route.ts';
import { type Connect, useSession } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { subjectHeading } from './subject.ts';
import { type Tab, tabsOf } from './tabs.ts';
import { texts } from './texts.ts';

const ABOUT_MODEL = 'model';
const loadModel: LoadTab = async () => (await import('./model/model-tab.tsx')).ModelTab;

/** The tabs whose code is fetched once they are looked at, of those that there are on this page. */
export type LazyTabs = Partial<Record<Exclude<Tab, 'employee'>, LoadTab>>;

export function App({ connect, lazyTabs }: { connect: Connect; lazyTabs: LazyTabs }) {
  const [language, setLanguage] = useState(initialLanguage);
  const session = useSession(connect);
  const { backend } = session;
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const [wantsToSignIn, setWantsToSignIn] = useState(false);
  /** Whether the visitor has just signed in or out: the control that had the focus is gone then. */
  const hasSigned = useRef(false);
  const tabs = backend ? tabsOf(backend.capabilities) : [];
  const chosen = tabs.find((tab) => tab === route.tab) ?? tabs[0] ?? null;
  // Anybody may read it, signed in or not.
  const isAboutModel = route.tab === ABOUT_MODEL;
  const shown = isAboutModel ? null : chosen;
  const title = backend?.contract.title[language] ?? '';

  useEffect(() => {
    document.documentElement.lang = language;
    if (title) document.title = shown && tabs.length > 1 ? `${tabTitle(shown, backend)[language]} · ${title}` : title;
  }, [language, title, shown, tabs.length]);
  useEffect(() => {
    setWantsToSignIn(false);
    if (hasSigned.current) main.current?.focus();
    hasSigned.current = false;
  }, [backend]);

  const isSigningIn = backend !== null && (chosen === null || wantsToSignIn);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {texts.skip[language]}
      </button>
      <Header
        title={title}
        level={backend ? texts[backend.offline ? 'offline' : backend.capabilities.level][language] : ''}
        tabs={isSigningIn ? [] : tabs.map((tab) => ({ tab, title: tabTitle(tab, backend)[language] }))}
        shown={shown}
        language={language}
        setLanguage={(language) => {
          setLanguage(language);
          storeLanguage(language);
        }}
        sign={signButton()}
      />
      <main ref={main} tabIndex={-1}>
        {content()}
      </main>
      {backend && <Footer backend={backend} language={language} />}
    </>
  );

  function content() {
    if (session.failure !== null) return <Failure error={session.failure} language={language} retry={session.retry} />;
    if (backend === null) return <p class="quiet">{texts.loading[language]}</p>;
    const props = { backend, contract: backend.contract, language };
    return (
      <>
        {isAboutModel && <LazyTab {...props} load={loadModel} />}
        {isSigningIn ? (
          !isAboutModel && <SignIn {...props} notice={session.notice} signIn={signIn} />
        ) : (
          <>
            {session.notice && <p class="note">{session.notice[language]}</p>}
            <Tabs key={keyOf(backend)} {...props} tabs={tabs} shown={shown} lazyTabs={lazyTabs} />
          </>
        )}
      </>
    );
  }

  async function signIn(apiKey: string) {
    hasSigned.current = true;
    try {
      await session.signIn(apiKey);
    } catch (error) {
      hasSigned.current = false;
      throw error;
    }
  }

  function signOut() {
    hasSigned.current = true;
    session.signOut();
  }

  function signButton() {
    if (backend === null || backend.offline) return null;
    if (session.isSignedIn) return { text: texts.signOut[language], press: signOut };
    if (chosen === null) return null;
    return { text: texts.signIn[language], press: () => setWantsToSignIn(!wantsToSignIn) };
  }
}

/** The first tab is called after what a record is about. */
function tabTitle(tab: Tab, backend: Backend | null): Text {
  if (tab !== 'employee') return texts[tab];
  return backend ? subjectHeading(backend.contract) : { fr: '', en: '' };
}

type TabsProps = TabProps & { tabs: readonly Tab[]; shown: Tab | null; lazyTabs: LazyTabs };

/** Tabs with entries of the visitor stay as they are while another tab is shown. The others load again. */
function Tabs({ tabs, shown, lazyTabs, ...props }: TabsProps) {
  const { file, history, dashboard } = lazyTabs;
  const wasShown = useRef(new Set<Tab>());
  if (shown) wasShown.current.add(shown);
  const keeps = (tab: Tab) => tabs.includes(tab) && wasShown.current.has(tab);
  return (
    <>
      {keeps('employee') && (
        <div hidden={shown !== 'employee'}>
          <EmployeeTab {...props} />
        </div>
      )}
      {file && keeps('file') && (
        <div hidden={shown !== 'file'}>
          <LazyTab {...props} load={file} />
        </div>
      )}
      {history && shown === 'history' && <LazyTab key="history" {...props} load={history} />}
      {dashboard && shown === 'dashboard' && <LazyTab key="dashboard" {...props} load={dashboard} />}
    </>
  );
}

function Footer({ backend, language }: { backend: Backend; language: Language }) {
  const { name, version } = backend.contract;
  return (
    <footer class="bottom">
      <p>{texts.purpose[language]}</p>
      <p>
        <a href={addressOf(ABOUT_MODEL)}>
          {texts.model[language]} {name} {version}
        </a>
        {!backend.offline && (
          <>
            {' · '}
            <a href="/docs">{texts.api[language]}</a>
          </>
        )}
      </p>
    </footer>
  );
}

/** Signing in or out gives the tabs another key, and so empties them. */
const keys = new WeakMap<Backend, number>();
let lastKey = 0;
function keyOf(backend: Backend): number {
  const known = keys.get(backend);
  if (known !== undefined) return known;
  keys.set(backend, ++lastKey);
  return lastKey;
}
