import { useEffect, useRef, useState } from 'preact/hooks';
import { keyIdOf } from '../common/api/api-key.ts';
import type { Text } from '../common/contract/text.ts';
import { isRefusedKey } from './api-backend.ts';
import { type Backend, PageError } from './backend.ts';
import { forgetDraft } from './employee/draft.ts';
import { storedKey, storeKey } from './stored-key.ts';
import { tabsOf } from './tabs.ts';
import { texts } from './texts.ts';

/** Makes a backend for a visitor with this API key, or without one. Rejects with an ApiError of status 401 for a wrong key. */
export type Connect = (apiKey: string | null, onRefusedKey: () => void) => Promise<Backend>;

export type Session = {
  /** Null until there is one. */
  backend: Backend | null;
  /** Why there is none. */
  failure: unknown;
  isSignedIn: boolean;
  /** Why the visitor was signed out. */
  notice: Text | null;
  /** Rejects for a key that is not taken, or that allows nothing here. */
  signIn(apiKey: string): Promise<void>;
  signOut(): void;
  retry(): void;
};

type State = Pick<Session, 'backend' | 'failure' | 'isSignedIn' | 'notice'>;

export function useSession(connect: Connect): Session {
  const [state, setState] = useState<State>({ backend: null, failure: null, isSignedIn: false, notice: null });
  const inUse = useRef<string | null>(null);

  async function open(apiKey: string | null, notice: Text | null): Promise<void> {
    inUse.current = apiKey;
    try {
      const backend = await connect(apiKey, () => expire(apiKey));
      setState({ backend, failure: null, isSignedIn: apiKey !== null, notice });
    } catch (failure) {
      if (apiKey !== null && isRefusedKey(failure)) return expire(apiKey);
      setState({ backend: null, failure, isSignedIn: false, notice });
    }
  }

  function expire(apiKey: string | null): void {
    // A late answer changes nothing for a visitor who has signed out since, or in with another key.
    if (inUse.current !== apiKey) return;
    storeKey(null);
    void open(null, texts.signedOut);
  }

  useEffect(() => {
    void open(storedKey(), null);
  }, [connect]);

  return {
    ...state,
    async signIn(apiKey) {
      if (keyIdOf(apiKey) === null) throw new PageError(texts.notAKey);
      const backend = await connect(apiKey, () => expire(apiKey));
      if (tabsOf(backend.capabilities).length === 0) throw new PageError(texts.nothingAllowed);
      inUse.current = apiKey;
      storeKey(apiKey);
      setState({ backend, failure: null, isSignedIn: true, notice: null });
    },
    signOut() {
      storeKey(null);
      forgetDraft();
      void open(null, null);
    },
    retry: () => void open(storedKey(), null),
  };
}
