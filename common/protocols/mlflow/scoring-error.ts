import * as z from 'zod';

/** An error as MLflow's scoring server writes it. */
export const ScoringError = z.strictObject({ error_code: z.string(), message: z.string() });
export type ScoringError = z.infer<typeof ScoringError>;

/**
 * MLflow's names by the status of a problem; any other error of the client is a BAD_REQUEST.
 * https://github.com/mlflow/mlflow/blob/master/mlflow/exceptions.py
 */
const ERROR_CODES = new Map([
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'ENDPOINT_NOT_FOUND'],
  [409, 'RESOURCE_CONFLICT'],
  [422, 'INVALID_PARAMETER_VALUE'],
  [429, 'REQUEST_LIMIT_EXCEEDED'],
  [500, 'INTERNAL_ERROR'],
  [503, 'TEMPORARILY_UNAVAILABLE'],
]);

export function toScoringError(status: number, message: string): ScoringError {
  return { error_code: ERROR_CODES.get(status) ?? 'BAD_REQUEST', message };
}
