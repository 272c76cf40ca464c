import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { PageError, type TabProps } from './backend.ts';
import { Failure } from './failure.tsx';
import { texts } from './texts.ts';

/** Fetches the code of a tab. */
export type LoadTab = () => Promise<ComponentType<TabProps>>;

type Props = TabProps & { load: LoadTab };

/** A tab whose code is fetched when it is first shown. */
export function LazyTab({ load, ...props }: Props) {
  const [Loaded, setLoaded] = useState<ComponentType<TabProps> | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    load().then(
      (component) => setLoaded(() => component),
      (cause: unknown) => setError(new PageError(texts.notLoaded, cause)),
    );
  }, [load]);
  if (error !== null) return <Failure error={error} language={props.language} retry={() => location.reload()} />;
  if (!Loaded) return <p class="quiet">{texts.loading[props.language]}</p>;
  return <Loaded {...props} />;
}
