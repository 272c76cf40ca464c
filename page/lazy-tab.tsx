import type { ComponentType } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { PageError, type TabProps } from './backend.ts';
import { Failure } from './failure.tsx';
import { texts } from './texts.ts';
import { useRetry } from './use-retry.ts';

/** Fetches the code of a tab. */
export type LoadTab = () => Promise<ComponentType<TabProps>>;

type Props = TabProps & { load: LoadTab };

/** A tab whose code is fetched when it is first shown. */
export function LazyTab({ load, ...props }: Props) {
  const [Loaded, setLoaded] = useState<ComponentType<TabProps> | null>(null);
  const [error, setError] = useState<PageError | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (attempt > 0) reloadStyles();
    load().then(
      (component) => setLoaded(() => component),
      async (cause: unknown) => {
        const text = (await isReachable()) ? texts.notLoaded : texts.unreachable;
        setError(new PageError(text, cause));
      },
    );
  }, [load, attempt]);
  // Without the service, another loading would lose the page itself.
  const again = useCallback(() => {
    if (error?.text === texts.notLoaded) location.reload();
    else setAttempt((before) => before + 1);
  }, [error]);
  useRetry(Loaded ? null : error, again);
  if (error && !Loaded) return <Failure error={error} language={props.language} retry={again} />;
  if (!Loaded) return <p class="quiet">{texts.loading[props.language]}</p>;
  return <Loaded {...props} />;
}

/** Fetches the style sheets again that could not be fetched: the bundler's loader asks for each of them once only. */
function reloadStyles(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')) {
    if (!hasRules(link.sheet)) link.replaceWith(link.cloneNode());
  }
}

/** A browser keeps no sheet of a file that it could not fetch, or an empty one, or one that may not be read. */
function hasRules(sheet: CSSStyleSheet | null): boolean {
  try {
    return sheet !== null && sheet.cssRules.length > 0;
  } catch {
    return false;
  }
}

/** Whether the page's own address answers: the code of a tab is missing, then, because the page was updated. */
async function isReachable(): Promise<boolean> {
  try {
    await fetch(location.href, { method: 'HEAD', cache: 'no-store' });
    return true;
  } catch {
    return false;
  }
}
