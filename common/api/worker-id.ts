/**
 * The part of a Worker version's id that anybody may read: its last 12 characters tell two versions apart. Its first 8 are the address of
 * the version, where version URLs are enabled (https://developers.cloudflare.com/workers/versions-and-deployments/version-urls/).
 */
export function publicWorkerId(id: string): string {
  return id.slice(-12);
}
