import * as z from 'zod';
import { Text } from '../contract/text.ts';

/** Why a record is refused. `fields` are canonical names (more than one for a cross-field rule; none for the record as a whole). */
export type Violation = { fields: string[]; rule: string; message: Text };

/** How a schema's own refinement states its violation: in the `params` of the issue. */
export const RefinementParams = z.object({ rule: z.string(), fields: z.array(z.string()), message: Text });
export type RefinementParams = z.infer<typeof RefinementParams>;

/** Why a prediction should be read with care although the record is accepted. */
export const Warning = z.object({
  fields: z.array(z.string()),
  code: z.enum(['outside-training-range', 'unseen-combination', 'unknown-category']),
  message: Text,
});
export type Warning = z.infer<typeof Warning>;
