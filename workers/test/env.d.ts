declare namespace Cloudflare {
  interface Env {
    FILES: Fetcher;
  }
}
