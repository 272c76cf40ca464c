import type { ComponentChildren } from 'preact';
import type { ExplorePoint } from '../../common/api/answers.ts';
import { featureControl } from '../features/controls.ts';
import { texts } from './texts.ts';
import type { CurveProps } from './view.ts';

type Props = CurveProps & { show(point: ExplorePoint): { text: ComponentChildren; share: number } | null };

/** The tried values, each with a bar and a text; `show` is null for a value that is refused. */
export function TriedValues({ language, feature, points, chosen, show }: Props) {
  return (
    <div class="bars">
      {points.map((point) => {
        const shown = show(point);
        return (
          <div key={String(point.value)} class={point.value === chosen ? 'category chosen' : 'category'}>
            <span>{featureControl(feature).describe(point.value, language)}</span>
            {shown ? (
              <>
                <span class="track" aria-hidden="true">
                  <span class="fill" style={{ width: `${shown.share * 100}%` }} />
                </span>
                <span class="numbers">{shown.text}</span>
              </>
            ) : (
              <span class="help">{texts.refused[language]}</span>
            )}
          </div>
        );
      })}
    </div>
  );
}
