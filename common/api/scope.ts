import * as z from 'zod';

/** The rights of a caller: predict and validate; read the history; record outcomes; erase. None includes another. */
export const Scope = z.enum(['predict', 'read', 'write', 'admin']);
export type Scope = z.infer<typeof Scope>;
