import type { Warning } from '../common/violation.ts';

/** Warnings as an answer shows them. */
export function toPublicWarnings(warnings: readonly Warning[]) {
  return warnings.map(({ fields, code, message }) => ({ fields, code, detail: message.en }));
}
