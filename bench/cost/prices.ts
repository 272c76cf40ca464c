/** When the prices were read. They change: read them again before deciding by them. */
export const PRICES_READ_ON = '2026-11-23';

/** Public list prices in US dollars, without discounts, taxes and free tiers for new customers. */
export const PRICES = {
  workers: {
    source: 'https://developers.cloudflare.com/workers/platform/pricing/',
    perMonth: 5,
    includedRequests: 10_000_000,
    perMillionRequests: 0.3,
    includedCpuMs: 30_000_000,
    perMillionCpuMs: 0.02,
  },
  queues: {
    source: 'https://developers.cloudflare.com/queues/platform/pricing/',
    includedOperations: 1_000_000,
    perMillionOperations: 0.4,
    /** A message counts as one for each so many bytes, its metadata included; a KB has 1,000 there. */
    bytesPerOperation: 64_000,
    metadataBytes: 100,
    /** A write, a read and a delete. */
    operationsPerMessage: 3,
  },
  r2: {
    source: 'https://developers.cloudflare.com/r2/pricing/',
    includedReads: 10_000_000,
    /** Class B operations. */
    perMillionReads: 0.36,
  },
  neon: {
    source: 'https://neon.com/docs/introduction/plans',
    /** The plan "Launch". */
    minimumPerMonth: 5,
    perCuHour: 0.14,
    perGbMonth: 0.35,
  },
  fargate: {
    /** Linux on x86 in us-east-1, as reported there in 2026 from AWS' own list. */
    source: 'https://www.vantage.sh/blog/fargate-pricing',
    perVcpuHour: 0.04048,
    perGbHour: 0.004445,
  },
  sagemaker: {
    /** The cheapest instance with 2 vCPU that is not burstable, ml.c7g.large, real-time, us-east-1, as reported there in 2026. */
    source: 'https://www.wring.co/blog/aws-sagemaker-inference-guide',
    perInstanceHour: 0.1,
    vcpus: 2,
  },
} as const;
