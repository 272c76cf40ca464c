/**
 * Refuses a request that was not sent to this machine by its own name; null for one that was. A page whose own name resolves to
 * 127.0.0.1 (DNS rebinding) could otherwise read answers: for the browser it would be of the same origin. Its requests have
 * its name in Host.
 */
export function refuseForeignHost(request: Request, ownHost: string): Response | null {
  const own = [ownHost, ownHost.replace('127.0.0.1', 'localhost')];
  // Not the URL: wrangler takes that from a header, which such a page can set.
  const host = request.headers.get('host') ?? '';
  return own.includes(host) ? null : new Response(`Host must be ${own.join(' or ')}.\n`, { status: 403 });
}
