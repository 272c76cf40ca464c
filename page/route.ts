import { useEffect, useState } from 'preact/hooks';

/** Where in the page the visitor is: the address's part after "#", as in "#history/ID". */
export type Route = { tab: string; rest: string };

export function parseRoute(hash: string): Route {
  const [, tab = '', rest = ''] = /^#?([^/]*)\/?(.*)$/.exec(hash) ?? [];
  return { tab, rest: decodeOr(rest) };
}

/** The address of a part of the page, for links. */
export function addressOf(tab: string, rest = ''): string {
  return rest === '' ? `#${tab}` : `#${tab}/${encodeURIComponent(rest)}`;
}

function decodeOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Where in the page the visitor is, now and after every step. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}
