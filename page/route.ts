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
