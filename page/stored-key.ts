/** Of the tab, and gone with it: a key must not stay behind in a browser. */
const STORED_AS = 'api-key';

// A page in a frame may be denied its storage: the key then lasts as long as the page.

/** The API key with which the visitor is signed in; null for none. */
export function storedKey(): string | null {
  try {
    return sessionStorage.getItem(STORED_AS);
  } catch {
    return null;
  }
}

export function storeKey(apiKey: string | null): void {
  try {
    if (apiKey === null) sessionStorage.removeItem(STORED_AS);
    else sessionStorage.setItem(STORED_AS, apiKey);
  } catch {}
}
