import { isDeadLetterQueue } from '../common/history/dead-letter-queue.ts';
import { createApp } from './app.ts';
import { causeOf } from './errors.ts';
import { runCron } from './jobs/cron.ts';
import { keepDeadLetters } from './jobs/dead-letters.ts';
import { storePredictions } from './jobs/store-predictions.ts';
import { logEvent } from './log.ts';
import { deadLettersOf, jobsOf } from './services.ts';

const RETRY_SECONDS = 300;

const app = createApp();

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    try {
      // Dead letters are kept even where other settings are wrong: these may be why the letters are dead.
      const deadLetters = isDeadLetterQueue(batch.queue) ? deadLettersOf(env) : null;
      if (deadLetters) return await keepDeadLetters(batch, deadLetters, new Date());
      const jobs = jobsOf(env);
      await storePredictions(batch, { ...jobs, now: jobs.now() });
    } catch (error) {
      // A throw would redeliver at once, and use up the attempts before anybody could mend the settings.
      logEvent('error', 'queue not consumed', { queue: batch.queue, cause: causeOf(error) });
      batch.retryAll({ delaySeconds: RETRY_SECONDS });
    }
  },
  async scheduled(_controller, env) {
    await runCron(jobsOf(env));
  },
} satisfies ExportedHandler<Env>;
