import { createApp } from './app.ts';
import { parseEnv } from './env.ts';
import { storePredictions } from './jobs/store-predictions.ts';
import { connect } from './store/database.ts';

const app = createApp();

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    const { recording } = parseEnv(env);
    if (!recording) throw new Error(`the queue ${batch.queue} has a consumer, but this environment records nothing`);
    await storePredictions(batch, connect(recording.databaseUrl));
  },
} satisfies ExportedHandler<Env>;
