import './employee.css';
import { useRef } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import type { TabProps } from '../backend.ts';
import type { Language } from '../language.ts';
import { AnswerPanel, seeAnswer } from './answer-panel.tsx';
import { Curve } from './curve.tsx';
import { Exchange } from './exchange.tsx';
import { Field, IdentifierField } from './field.tsx';
import { toEntries } from './form-record.ts';
import { texts } from './texts.ts';
import { useAnswer } from './use-answer.ts';
import { type Form, useForm } from './use-form.ts';

/** The form, and beside it the model's answer. */
export function EmployeeTab({ backend, contract, language }: TabProps) {
  const form = useForm(contract);
  const answer = useAnswer(backend, contract.output, form);
  const element = useRef<HTMLFormElement>(null);
  const { exchange, setReference } = answer;

  function clear() {
    form.fill({});
    setReference(null);
  }

  function submit(event: Event) {
    event.preventDefault();
    form.submit();
    if (form.validation.ok) void answer.predict().then(seeAnswer);
    else requestAnimationFrame(() => focusFirstInvalid(element.current));
  }

  return (
    <form ref={element} class="employee" onSubmit={submit} noValidate autocomplete="off">
      <div class="inputs">
        <p class="intro quiet">{contract.description[language]}</p>
        <section class="examples no-print" aria-labelledby="examples-title">
          <div class="row">
            <h2 id="examples-title">{texts.examples[language]}</h2>
            <button type="button" class="plain" onClick={clear}>
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
                  form.fill(entries);
                  setReference({ entries, value, example: label });
                }}
              >
                {label[language]}
              </button>
            ))}
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
        <AnswerPanel backend={backend} contract={contract} language={language} form={form} answer={answer} />
        <Curve backend={backend} contract={contract} language={language} form={form} isShown={answer.shown !== null} />
      </aside>

      {exchange && backend.capabilities.level === 'functional' && <Exchange exchange={exchange} language={language} />}
    </form>
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
