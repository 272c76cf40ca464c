import { useEffect, useState } from 'preact/hooks';

/** Where in the page the visitor is: the address's part after "#", as in "#history/ID" or "#history?risk=high". */
export type Route = { tab: string; rest: string; search: string };

export function parseRoute(hash: string): Route {
  const [, tab = '', rest = '', search = ''] = /^#?([^/?]*)\/?([^?]*)\??(.*)$/.exec(hash) ?? [];
  return { tab, rest: decodeOr(rest), search };
}

/** The address of a part of the page, for links. */
export function addressOf(tab: string, rest = '', search = ''): string {
  return `#${tab}${rest && `/${encodeURIComponent(rest)}`}${search && `?${search}`}`;
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
