import * as z from 'zod';

/** Words for people, in each language of the page. */
export const Text = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) });
export type Text = z.infer<typeof Text>;

/** The name of a field of a record. A field named `__proto__` would be the record's prototype. */
export const FieldName = z.string().regex(/^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$/);
