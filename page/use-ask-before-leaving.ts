import { useEffect } from 'preact/hooks';

/** Has the browser ask before the page is left or loaded again, while something would be lost. The words are the browser's own. */
export function useAskBeforeLeaving(isAtStake: boolean): void {
  useEffect(() => {
    if (!isAtStake) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isAtStake]);
}
