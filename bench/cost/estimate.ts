import { PRICES as prices } from './prices.ts';

/** Hours of a month, as cloud providers count it. */
const HOURS_PER_MONTH = 730;
const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600;

export type Usage = {
  requestsPerSecond: number;
  /** Processor time of the Worker for a request, and of the queue's consumer for a message. */
  cpuMs: number;
  consumerCpuMs: number;
  /** A prediction's message. */
  messageBytes: number;
  /** How many messages the consumer gets at once. */
  messagesPerBatch: number;
  /** Isolates that are alive on average, and how often each asks R2 for the active version. */
  isolates: number;
  refreshSeconds: number;
  /** A stored prediction with its indexes, and for how many months it is kept. */
  rowBytes: number;
  monthsKept: number;
  /** The size of the database. It is assumed to run all the time. */
  computeUnits: number;
  /** Predictions a second of one core in the classic stack, and the share of them that it is loaded with. */
  classicPerSecond: number;
  utilisation: number;
  /** A service of one instance has outages; the Worker has no such number. */
  minInstances: number;
};

/** Dollars a month. The database is the same for all three. */
export type Estimate = {
  workers: number;
  queues: number;
  r2: number;
  database: number;
  total: number;
  container: { instances: number; compute: number; total: number };
  managed: { instances: number; compute: number; total: number };
};

export function estimate(usage: Usage): Estimate {
  const requests = usage.requestsPerSecond * SECONDS_PER_MONTH;
  const workers = workersCost(requests, usage);
  const queues = queuesCost(requests, usage.messageBytes);
  const r2 = r2Cost(usage);
  const database = databaseCost(requests, usage);
  const container = containerCost(usage);
  const managed = managedCost(usage);
  return {
    workers,
    queues,
    r2,
    database,
    total: workers + queues + r2 + database,
    container: { ...container, total: container.compute + database },
    managed: { ...managed, total: managed.compute + database },
  };
}

/** This counts the consumer's invocations as requests: the price list does not exempt them. */
function workersCost(requests: number, { cpuMs, consumerCpuMs, messagesPerBatch }: Usage): number {
  const { perMonth, includedRequests, perMillionRequests, includedCpuMs, perMillionCpuMs } = prices.workers;
  const invocations = requests + requests / messagesPerBatch;
  return (
    perMonth +
    beyond(invocations, includedRequests) * perMillionRequests +
    beyond(requests * (cpuMs + consumerCpuMs), includedCpuMs) * perMillionCpuMs
  );
}

function queuesCost(messages: number, messageBytes: number): number {
  const { includedOperations, perMillionOperations, bytesPerOperation, metadataBytes, operationsPerMessage } =
    prices.queues;
  const chunks = Math.ceil((messageBytes + metadataBytes) / bytesPerOperation);
  return beyond(messages * chunks * operationsPerMessage, includedOperations) * perMillionOperations;
}

/** The reads of the pointer. Storage and the reads of the model cost next to nothing beside them. */
function r2Cost({ isolates, refreshSeconds }: Usage): number {
  return beyond((isolates * SECONDS_PER_MONTH) / refreshSeconds, prices.r2.includedReads) * prices.r2.perMillionReads;
}

function databaseCost(rows: number, { rowBytes, monthsKept, computeUnits }: Usage): number {
  const { minimumPerMonth, perCuHour, perGbMonth } = prices.neon;
  const storedGb = (rows * rowBytes * monthsKept) / 1e9;
  return Math.max(minimumPerMonth, computeUnits * HOURS_PER_MONTH * perCuHour + storedGb * perGbMonth);
}

const CONTAINER_VCPUS = 1;
const CONTAINER_GB = 2;

/** Tasks of one core. Load balancers, addresses and logs cost extra, and are left out. */
function containerCost(usage: Usage) {
  const instances = instancesFor(usage, CONTAINER_VCPUS);
  const { perVcpuHour, perGbHour } = prices.fargate;
  return {
    instances,
    compute: instances * HOURS_PER_MONTH * (CONTAINER_VCPUS * perVcpuHour + CONTAINER_GB * perGbHour),
  };
}

function managedCost(usage: Usage) {
  const { vcpus, perInstanceHour } = prices.sagemaker;
  const instances = instancesFor(usage, vcpus);
  return { instances, compute: instances * HOURS_PER_MONTH * perInstanceHour };
}

function instancesFor(usage: Usage, vcpus: number): number {
  const { requestsPerSecond, classicPerSecond, utilisation, minInstances } = usage;
  return Math.max(minInstances, Math.ceil(requestsPerSecond / (classicPerSecond * vcpus * utilisation)));
}

/** Millions beyond the included ones. */
function beyond(amount: number, included: number): number {
  return Math.max(0, amount - included) / 1e6;
}
