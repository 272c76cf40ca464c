declare namespace Cloudflare {
  interface Env {
    FILES: Fetcher;
    TWO_A_MINUTE: RateLimit;
  }
}
