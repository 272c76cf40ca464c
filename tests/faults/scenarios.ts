import type { Recorded } from '../../common/api/answers.ts';
import type { Faults } from '../../workers/local/faults.ts';

/** An event, at these seconds after the load has begun. */
export type Event = { at: number } & (
  | { set: Partial<Faults> }
  | { do: 'restart the database' | 'activate the newer model' }
);

export type Scenario = {
  name: string;
  /** How long the load lasts. */
  seconds: number;
  events: Event[];
  /** Whether the answers may say that a record was not accepted. */
  mayRefuse?: true;
  /** What shows that the faults were there: an answer that says so, or a line of the Worker's log. */
  shows?: { recorded: Recorded } | { logged: RegExp };
};

const between = (from: number, to: number, faults: Partial<Faults>): Event[] => [
  { at: from, set: faults },
  { at: to, set: {} },
];

/** The scenarios in their order. All of them run against one system. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'all in order', seconds: 6, events: [] },
  {
    name: 'database down for 30 s of 60',
    seconds: 60,
    events: between(15, 45, { database: 'down' }),
    shows: { logged: /predictions not stored/ },
  },
  {
    name: 'database restarted twice',
    seconds: 20,
    events: [
      { at: 5, do: 'restart the database' },
      { at: 12, do: 'restart the database' },
    ],
  },
  {
    name: 'database starting up',
    seconds: 12,
    events: between(3, 8, { database: 'refusing' }),
    shows: { logged: /the database system is starting up/ },
  },
  { name: 'database slow', seconds: 12, events: between(3, 8, { database: 'slow' }) },
  {
    name: "database's answers lost",
    seconds: 12,
    events: between(3, 8, { database: 'cutting' }),
    shows: { logged: /predictions not stored/ },
  },
  { name: 'every message delivered twice', seconds: 10, events: between(0, 10, { queue: 'doubling' }) },
  {
    name: 'consumer throws',
    seconds: 12,
    events: between(3, 8, { consumer: 'throwing' }),
    shows: { logged: /the consumer throws/ },
  },
  {
    name: 'unreadable messages',
    seconds: 10,
    events: between(3, 5, { queue: 'poisoning' }),
    shows: { logged: /predictions not stored/ },
  },
  { name: 'queue down', seconds: 12, events: between(3, 9, { queue: 'down' }), shows: { logged: /the queue is down/ } },
  { name: 'queue slow', seconds: 10, events: between(3, 6, { queue: 'slow' }) },
  {
    name: 'queue and database down',
    seconds: 15,
    events: between(3, 10, { queue: 'down', database: 'down' }),
    shows: { recorded: 'spooled' },
  },
  {
    name: 'queue, database and R2 down',
    seconds: 12,
    events: between(3, 6, { queue: 'down', database: 'down', letters: 'down', models: 'down' }),
    shows: { recorded: 'failed' },
    mayRefuse: true,
  },
  { name: 'model switched', seconds: 30, events: [{ at: 3, do: 'activate the newer model' }] },
  {
    name: 'clock an hour ahead, then behind',
    seconds: 12,
    events: [
      { at: 2, set: { clockMs: 3_600_000 } },
      { at: 6, set: { clockMs: -3_600_000 } },
      { at: 10, set: {} },
    ],
  },
];

/** Run against a system that starts while the models' bucket is down, and has served before. */
export const COLD_START: Scenario = {
  name: 'cold start while R2 is down',
  seconds: 6,
  events: [],
  shows: { logged: /active pointer read from a copy/ },
};
