import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { ProblemError } from './errors.ts';
import { answerProblem } from './http/answer-problem.ts';
import type { AppEnv } from './http/app-env.ts';
import { forbidStoring } from './middleware/cache-control.ts';
import { allowOrigins } from './middleware/cors.ts';
import { logRequests } from './middleware/request-log.ts';
import { provideServices } from './middleware/services.ts';
import { batch } from './routes/batch.ts';
import { capabilities } from './routes/capabilities.ts';
import { erasure } from './routes/erasure.ts';
import { explore } from './routes/explore.ts';
import { exportPredictions } from './routes/export.ts';
import { live, ready } from './routes/health.ts';
import { mlflow } from './routes/mlflow.ts';
import { model } from './routes/model.ts';
import { openInference } from './routes/open-inference.ts';
import { openapi } from './routes/openapi.ts';
import { outcome } from './routes/outcome.ts';
import { predict } from './routes/predict.ts';
import { predictions } from './routes/predictions.ts';
import { validate } from './routes/validate.ts';

/** How much of an unknown address an answer repeats. */
const SHOWN_CHARACTERS = 200;

/** The Worker's routes, in the order in which they are looked up. */
export function createApp() {
  const app = new Hono<AppEnv>()
    .onError(answerProblem)
    .notFound((context) => {
      const address = `${context.req.method} ${context.req.path}`.slice(0, SHOWN_CHARACTERS);
      return answerProblem(new ProblemError('not-found', { detail: `There is no ${address} here.` }), context);
    })
    .use(logRequests)
    .use(
      secureHeaders({
        // All answers are data. A browser that is made to show one as a page may run and load nothing. Headers that matter to
        // pages alone, or to old browsers, are left out: each header costs every answer time.
        contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
        crossOriginOpenerPolicy: false,
        crossOriginResourcePolicy: 'cross-origin',
        originAgentCluster: false,
        referrerPolicy: 'no-referrer',
        removePoweredBy: false,
        xDnsPrefetchControl: false,
        xDownloadOptions: false,
        xFrameOptions: 'DENY',
        xPermittedCrossDomainPolicies: false,
        xXssProtection: false,
      }),
    )
    .route('/', live)
    .use('/health/ready', provideServices)
    .use('/openapi.json', provideServices, allowOrigins)
    .use('/v1/*', provideServices, allowOrigins)
    .use('/v1/predictions/*', forbidStoring)
    .route('/', ready)
    .route('/', model)
    .route('/', openapi)
    .route('/', predict)
    .route('/', batch)
    .route('/', validate)
    .route('/', explore)
    .route('/', capabilities)
    .route('/', mlflow)
    .route('/', openInference)
    // Before the history: its address would be taken for that of a prediction.
    .route('/', exportPredictions)
    .route('/', predictions)
    .route('/', outcome)
    .route('/', erasure);
  refuseOtherMethods(app);
  return app;
}

/** Makes known addresses answer other methods with 405, and name their own methods in `Allow`. */
function refuseOtherMethods(app: Hono<AppEnv>): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method !== 'ALL') methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  for (const [path, allowedSet] of methods) {
    const allowed = [...allowedSet].sort();
    const detail = `This address takes ${allowed.join(' and ')} only.`;
    // Hono answers HEAD wherever there is a GET.
    const answered = allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    app.all(path, (context) => {
      context.header('allow', answered.join(', '));
      return answerProblem(new ProblemError('method-not-allowed', { detail }), context);
    });
  }
}
