import { createApp } from './app.ts';
import { parseEnv } from './env.ts';
import { causeOf } from './errors.ts';
import { storePredictions } from './jobs/store-predictions.ts';
import { logEvent } from './log.ts';
import { connect } from './store/database.ts';

const RETRY_SECONDS = 300;

const app = createApp();

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    try {
      const { recording } = parseEnv(env);
      if (!recording) throw new Error('this environment consumes a queue, but records nothing');
      await storePredictions(batch, connect(recording.databaseUrl));
    } catch (error) {
      // Throwing would redeliver at once, and use up the attempts before anybody could mend the configuration.
      logEvent('error', 'queue not consumed', { queue: batch.queue, cause: causeOf(error) });
      batch.retryAll({ delaySeconds: RETRY_SECONDS });
    }
  },
} satisfies ExportedHandler<Env>;
