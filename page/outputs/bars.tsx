import type { Language } from '../language.ts';
import { formatPercent } from '../language.ts';

type Props = { rows: readonly { id: string; label: string; share: number; text?: string }[]; language: Language };

/** A share each, as a bar and in percent. */
export function Bars({ rows, language }: Props) {
  return (
    <div class="bars">
      {rows.map(({ id, label, share, text }) => (
        <div key={id} class="category">
          <span>{label}</span>
          <span class="track" aria-hidden="true">
            <span class="fill" style={{ width: `${share * 100}%` }} />
          </span>
          <span class="numbers">{text ?? formatPercent(language, share)}</span>
        </div>
      ))}
    </div>
  );
}
