import { Hono } from 'hono';

/** The least that a Worker with a router can do: what everything above it costs is ours. */
export default new Hono().post('*', (context) => context.json({ label: 'stays' }));
