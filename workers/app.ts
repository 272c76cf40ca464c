import { Hono } from 'hono';
import { answerProblem, ProblemError } from './errors.ts';
import { type AppEnv, provideServices } from './middleware/services.ts';
import { live, ready } from './routes/health.ts';
import { model } from './routes/model.ts';
import { predict } from './routes/predict.ts';
import { predictions } from './routes/predictions.ts';

/** How much of an unknown address an answer repeats. */
const SHOWN_CHARACTERS = 200;

export function createApp() {
  const app = new Hono<AppEnv>()
    .onError(answerProblem)
    .notFound((context) => {
      const address = `${context.req.method} ${context.req.path}`.slice(0, SHOWN_CHARACTERS);
      return answerProblem(new ProblemError('not-found', { detail: `There is no ${address} here.` }), context);
    })
    .route('/', live)
    .use('/health/ready', provideServices)
    .use('/v1/*', provideServices)
    .route('/', ready)
    .route('/', model)
    .route('/', predict)
    .route('/', predictions);
  refuseOtherMethods(app);
  return app;
}

/** Known addresses answer 405 to the methods that they do not have, with those that they have in `Allow`. */
function refuseOtherMethods(app: Hono<AppEnv>): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method !== 'ALL') methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  for (const [path, allowedSet] of methods) {
    const allowed = [...allowedSet];
    const detail = `This address takes ${allowed.join(' and ')} only.`;
    app.all(path, (context) => {
      context.header('allow', allowed.join(', '));
      return answerProblem(new ProblemError('method-not-allowed', { detail }), context);
    });
  }
}
