import './employee.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import type { TabProps } from '../backend.ts';
import type { Language } from '../language.ts';
import type { Reference } from './answer.tsx';
import { AnswerPanel, seeAnswer } from './answer-panel.tsx';
import { Curve } from './curve.tsx';
import { readDraft, storeDraft } from './draft.ts';
import { Exchange } from './exchange.tsx';
import { Field, IdentifierField } from './field.tsx';
import { changedFields, type Entries, readEntry, toEntries } from './form-record.ts';
import { texts } from './texts.ts';
import { useAnswer } from './use-answer.ts';
import { type Form, useForm } from './use-form.ts';

/** What the form held before an example, a comparison or nothing took its place. */
type Replaced = { entries: Entries; reference: Reference | null };

/** The form, and beside it the model's answer. */
export function EmployeeTab({ backend, contract, language }: TabProps) {
  const [draft] = useState(() => readDraft(contract, language));
  const form = useForm(contract, draft.entries);
  const answer = useAnswer(backend, contract.output, form, draft);
  const [replaced, setReplaced] = useState<Replaced | null>(null);
  /** The form that was sent again although it is recorded. */
  const [repeated, setRepeated] = useState<string | null>(null);
  const element = useRef<HTMLFormElement>(null);
  const { entries } = form;
  const { exchange, reference, predicted, setReference } = answer;

  useEffect(() => storeDraft({ entries, reference, predicted }), [entries, reference, predicted]);

  function fill(next: Replaced) {
    if (isWork(contract, entries, reference)) setReplaced({ entries, reference });
    form.fill(next.entries);
    setReference(next.reference);
  }

  function submit(event: Event) {
    event.preventDefault();
    form.submit();
    if (!form.validation.ok) requestAnimationFrame(() => focusFirstInvalid(element.current));
    else if (answer.isRecorded) setRepeated(form.key);
    else void answer.predict().then(seeAnswer);
  }

  return (
    <form ref={element} class="employee" onSubmit={submit} noValidate autocomplete="off">
      <div class="columns">
        <div class="inputs">
          <p class="intro quiet no-print">{contract.description[language]}</p>
          <section class="examples no-print" aria-labelledby="examples-title">
            <div class="row">
              <h2 id="examples-title">{texts.examples[language]}</h2>
              <button type="button" class="plain" onClick={() => fill({ entries: {}, reference: null })}>
                {texts.clear[language]}
              </button>
            </div>
            <div class="row">
              {contract.examples.map(({ label, input, ...value }) => (
                <button
                  key={label.en}
                  type="button"
                  onClick={() => {
                    const entries = toEntries(contract, input, language);
                    fill({ entries, reference: { entries, value, example: label } });
                  }}
                >
                  {label[language]}
                </button>
              ))}
            </div>
            <div role="status">
              {replaced && (
                <p class="note">
                  {texts.replaced[language]}{' '}
                  <button type="button" class="plain" onClick={() => fill(replaced)}>
                    {texts.bringBack[language]}
                  </button>
                </p>
              )}
            </div>
          </section>
          {contract.groups.map(({ id, label }, i) => (
            <fieldset key={id} class="panel">
              <legend>{label[language]}</legend>
              <div class="fields">
                {i === 0 && <Who contract={contract} language={language} form={form} />}
                <Features contract={contract} language={language} form={form} group={id} />
              </div>
            </fieldset>
          ))}
        </div>

        <aside class="outputs">
          <AnswerPanel
            {...{ backend, contract, language, answer }}
            form={{ ...form, fill: (entries) => fill({ entries, reference }) }}
            isRepeated={answer.isRecorded && repeated === form.key}
            predictAgain={() => {
              setRepeated(null);
              void answer.predict().then(seeAnswer);
            }}
          />
          <Curve
            {...{ backend, contract, language, form }}
            isShown={answer.shown !== null}
            isOut={answer.isOut}
            answers={answer.answers}
          />
        </aside>
      </div>

      {exchange && backend.capabilities.level === 'functional' && <Exchange exchange={exchange} language={language} />}
    </form>
  );
}

/** Whether a form holds more than an example, which anybody has again by a click. */
function isWork(contract: Contract, entries: Entries, reference: Reference | null): boolean {
  const before = reference?.example ? reference.entries : {};
  const who = contract.identifier && entries[contract.identifier.name]?.trim();
  return (
    Boolean(who) ||
    changedFields(contract, before, entries).some((feature) => readEntry(feature, entries) !== undefined)
  );
}

type FormProps = { contract: Contract; language: Language; form: Form };

function Features({ contract, language, form, group }: FormProps & { group: string }) {
  return contract.features
    .filter((feature) => feature.group === group)
    .map((feature) => (
      <Field
        key={feature.name}
        feature={feature}
        language={language}
        entry={form.entries[feature.name] ?? ''}
        error={messagesAbout(feature.name, form.violations, language)}
        warning={messagesAbout(feature.name, form.warnings, language)}
        change={(entry) => form.set(feature.name, entry)}
        leave={() => form.leave(feature.name)}
      />
    ));
}

/** The field of the identifier, where the contract has one. */
function Who({ contract: { identifier }, language, form }: FormProps) {
  if (!identifier) return null;
  const { name, label } = identifier;
  return (
    <IdentifierField
      name={name}
      label={label[language]}
      language={language}
      entry={form.entries[name] ?? ''}
      error={messagesAbout(name, form.violations, language)}
      change={(entry) => form.set(name, entry)}
      leave={() => form.leave(name)}
    />
  );
}

function messagesAbout(
  name: string,
  notes: readonly { fields: string[]; message: Contract['title'] }[],
  language: Language,
): string {
  return notes
    .filter(({ fields }) => fields.includes(name))
    .map(({ message }) => message[language])
    .join(' ');
}

function focusFirstInvalid(form: HTMLFormElement | null): void {
  const invalid = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
  const control = invalid?.matches('[role="radiogroup"]') ? invalid.querySelector('input') : invalid;
  control?.focus();
}
