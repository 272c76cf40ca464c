import './without-eval.ts';
import type { Contract, Text } from '../../../common/contract.ts';
import { toOutcome } from '../../../common/outcome.ts';
import type { FeatureRecord } from '../../../common/request-schema.ts';
import { toMatrices } from '../../../common/tensors.ts';
import { createValidator } from '../../../common/validation.ts';
import type { Violation } from '../../../common/violation.ts';
import { type Answer, renderAnswer } from './answer.ts';
import { byId, element } from './dom.ts';
import { createForm } from './form.ts';
import { type Language, preferredLanguage } from './language.ts';
import { loadContract, loadSession, PageError } from './model.ts';
import { texts, toMend } from './texts.ts';

const main = byId('main');
let language = preferredLanguage(navigator.languages);
let draw: () => void = () => undefined;

for (const button of languageButtons()) {
  button.addEventListener('click', () => {
    setLanguage(button.dataset['language'] === 'fr' ? 'fr' : 'en');
    draw();
  });
}
setLanguage(language);
try {
  draw = startPage(await loadContract());
} catch (error) {
  const text = explain(error, texts.badContract);
  draw = () => main.replaceChildren(element('p', { class: 'failure', role: 'alert' }, text[language]));
}
draw();

/** Prepares the page of one contract, starts loading its model, and returns what draws it in the chosen language. */
function startPage(contract: Contract): () => void {
  const validate = createValidator(contract);
  const loading = loadSession(contract);
  let status: Text = texts.loading;
  let failure: Text | null = null;
  let violations: Violation[] = [];
  let answer: (Answer & { edit: number }) | null = null;
  /** How often the form has been changed: tells whether an answer is still about what the form holds. */
  let edit = 0;

  // Kept from one drawing to the next: a screen reader announces what changes in an element, not a new element.
  const statusLine = element('p', { class: 'status', role: 'status' });
  const summary = element('p', { class: 'error', role: 'alert' });
  const answerBox = element('div', { 'aria-live': 'polite' });
  const answerPanel = element('aside', { class: 'answer', 'aria-labelledby': 'answer-title' });
  const formElement = element('form', { novalidate: true });
  const submit = element('button', { type: 'submit', class: 'primary' });
  let form = createForm(contract, language);

  loading.then(
    () => {
      status = texts.ready;
      refresh();
    },
    (error: unknown) => {
      failure = explain(error, texts.notStarted);
      submit.disabled = true;
      refresh();
    },
  );
  formElement.addEventListener('input', () => {
    edit++;
    if (violations.length > 0) check();
    refresh();
  });
  formElement.addEventListener('submit', (event) => {
    event.preventDefault();
    const record = check();
    refresh();
    if (record) void estimate(record);
    else form.focusFirstInvalid();
  });

  /** Validates what the form holds, and shows what is wrong with it. */
  function check() {
    const validation = validate(form.read());
    violations = validation.ok ? [] : validation.violations;
    form.show(violations);
    return validation.ok ? validation : null;
  }

  async function estimate({ record, warnings }: { record: FeatureRecord; warnings: Answer['warnings'] }) {
    const asked = edit;
    // Where the model could not be loaded, the page says so already.
    const session = await loading.catch(() => null);
    if (!session) return;
    try {
      const [probability = Number.NaN] = await session.run(toMatrices(contract.graph.inputs, [record]));
      answer = { outcome: toOutcome(contract.output, probability), warnings, edit: asked };
    } catch (error) {
      failure = explain(error, texts.notPredicted);
    }
    refresh();
    answerPanel.scrollIntoView({ block: 'nearest' });
  }

  function fill(values: Readonly<Record<string, string | number>>): void {
    form.fill(values);
    edit++;
    violations = [];
    form.show(violations);
    refresh();
  }

  function refresh(): void {
    statusLine.textContent = (failure ?? status)[language];
    statusLine.classList.toggle('failure', failure !== null);
    summary.textContent = summarise(contract, violations, language);
    const isStale = answer !== null && answer.edit !== edit;
    answerPanel.classList.toggle('stale', isStale);
    answerBox.replaceChildren(
      ...(isStale ? [element('p', { class: 'note' }, texts.stale[language])] : []),
      ...(answer ? renderAnswer(contract, answer, language) : [element('p', {}, texts.noAnswer[language])]),
    );
  }

  return () => {
    document.title = contract.title[language];
    byId('title').textContent = contract.title[language];
    const held = form.texts();
    form = createForm(contract, language);
    form.fill(held);
    form.show(violations);

    submit.textContent = texts.estimate[language];
    const clear = button(texts.clear[language], () => fill({}));
    formElement.replaceChildren(...form.fieldsets, element('div', { class: 'actions' }, submit, clear, summary));
    answerPanel.replaceChildren(
      element('h2', { id: 'answer-title' }, texts.answer[language]),
      answerBox,
      element('footer', {}, statusLine),
    );
    main.replaceChildren(
      element('p', {}, contract.description[language]),
      element('p', { class: 'promise' }, `${texts.privacy[language]} `, element('strong', {}, texts.purpose[language])),
      element(
        'section',
        { class: 'examples', 'aria-labelledby': 'examples-title' },
        element('h2', { id: 'examples-title' }, texts.examples[language]),
        ...contract.examples.map(({ label, input }) => button(label[language], () => fill(input))),
      ),
      element('div', { class: 'columns' }, formElement, answerPanel),
    );
    refresh();
  };
}

/** How many fields are to be mended, and what is wrong with the record as a whole. */
function summarise({ features }: Contract, violations: readonly Violation[], language: Language): string {
  const named = new Set(violations.flatMap(({ fields }) => fields));
  const shown = features.filter(({ name }) => named.has(name)).length;
  const others = violations.filter(({ fields }) => !features.some(({ name }) => fields.includes(name)));
  return [...(shown > 0 ? [toMend(shown)] : []), ...others.map(({ message }) => message)]
    .map((text) => text[language])
    .join(' ');
}

function button(text: string, press: () => void): HTMLButtonElement {
  const created = element('button', { type: 'button' }, text);
  created.addEventListener('click', press);
  return created;
}

function explain(error: unknown, fallback: Text): Text {
  console.error(error);
  return error instanceof PageError ? error.text : fallback;
}

function languageButtons(): HTMLElement[] {
  return Array.from(document.querySelectorAll<HTMLElement>('[data-language]'));
}

function setLanguage(chosen: Language): void {
  language = chosen;
  document.documentElement.lang = chosen;
  for (const it of languageButtons()) it.setAttribute('aria-pressed', String(it.dataset['language'] === chosen));
}
