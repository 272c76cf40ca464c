import { Hono } from 'hono';
import { answerProblem, ProblemError } from './errors.ts';
import { type AppEnv, provideServices } from './middleware/services.ts';
import { health } from './routes/health.ts';
import { model } from './routes/model.ts';
import { predict } from './routes/predict.ts';
import { predictions } from './routes/predictions.ts';

export function createApp() {
  return new Hono<AppEnv>()
    .onError(answerProblem)
    .notFound((context) => {
      const detail = `There is no ${context.req.method} ${context.req.path} here.`;
      return answerProblem(new ProblemError('not-found', { detail }), context);
    })
    .use(provideServices)
    .route('/', health)
    .route('/', model)
    .route('/', predict)
    .route('/', predictions);
}
