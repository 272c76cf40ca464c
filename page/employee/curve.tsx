import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ExplorePoint } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import type { Feature } from '../../common/contract/features/features.ts';
import type { Backend } from '../backend.ts';
import { Failure } from '../failure.tsx';
import { featureControl } from '../features/controls.ts';
import type { Language } from '../language.ts';
import { outputView } from '../outputs/views.ts';
import { readEntry } from './form-record.ts';
import { texts } from './texts.ts';
import { useExploration } from './use-exploration.ts';
import type { Form } from './use-form.ts';

type Props = {
  backend: Backend;
  contract: Contract;
  language: Language;
  form: Form;
  /** Whether the form has an answer that the curve belongs to. */
  isShown: boolean;
  /** Whether the form's answer cannot be had now: a curve could not be, either. */
  isOut: boolean;
  /** Grows whenever the service has answered something else. */
  answers: number;
};

/** How the outcome depends on one field, with all else as in the form. */
export function Curve({ backend, contract, language, form, isShown, isOut, answers }: Props) {
  const [name, setName] = useState(() => firstField(contract));
  const feature = contract.features.find((it) => it.name === name);
  const request = useMemo(() => {
    if (!feature || !isShown || !isCompleteBut(form, feature.name)) return null;
    const { [feature.name]: _, ...record } = form.record;
    return { record, vary: { field: feature.name, values: featureControl(feature).valuesToTry() } };
  }, [feature, form.key, isShown]);
  const { answer, isCurrent, error, again } = useExploration(backend, request);
  useEffect(() => {
    if (error !== null) again();
  }, [answers]);
  // The values of another field make no sense under this one's name.
  const points = answer && isAbout(answer.points, feature) ? answer.points : null;
  const { Curve: Chart, curveHelp } = outputView(contract.output);

  return (
    <section class="panel curve" aria-labelledby="curve-title" hidden={isOut}>
      <div class="row">
        <h2 id="curve-title">{texts.curve[language]}</h2>
        <label class="unseen" for="curve-field">
          {texts.curveField[language]}
        </label>
        <select id="curve-field" value={name} onInput={(event) => setName(event.currentTarget.value)}>
          {contract.groups.map(({ id, label }) => (
            <optgroup key={id} label={label[language]}>
              {contract.features
                .filter(({ group }) => group === id)
                .map((it) => (
                  <option key={it.name} value={it.name}>
                    {it.label[language]}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </div>
      <p class="help">{curveHelp[language]}</p>
      {error !== null && <Failure error={error} language={language} retry={again} />}
      {feature && points && request && error === null ? (
        <div class={isCurrent ? 'chart' : 'chart stale'} aria-busy={!isCurrent}>
          <Chart
            {...{ language, feature, points }}
            chosen={readEntry(feature, form.entries) ?? null}
            scale={featureControl(feature).scale}
          />
        </div>
      ) : (
        error === null && <p class="quiet">{request ? '…' : texts.curveEmpty[language]}</p>
      )}
    </section>
  );
}

/** A number makes a more telling chart than a category. */
function firstField({ features }: Contract): string {
  return (features.find((feature) => featureControl(feature).scale !== null) ?? features[0])?.name ?? '';
}

/** Whether the form is valid, or only this field can be the reason why not. */
function isCompleteBut({ validation }: Form, name: string): boolean {
  return validation.ok || validation.violations.every(({ fields }) => fields.includes(name));
}

function isAbout(points: readonly ExplorePoint[], feature: Feature | undefined): boolean {
  const values = feature ? featureControl(feature).valuesToTry() : [];
  return points.length === values.length && points.every(({ value }, i) => value === values[i]);
}
