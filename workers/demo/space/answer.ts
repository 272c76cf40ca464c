import type { Contract } from '../../../common/contract.ts';
import type { Outcome } from '../../../common/outcome.ts';
import type { Warning } from '../../../common/violation.ts';
import { element } from './dom.ts';
import { formatPercent, type Language } from './language.ts';
import { standing, texts } from './texts.ts';

export type Answer = { outcome: Outcome; warnings: Warning[] };

/** What the model answered, in words. */
export function renderAnswer(contract: Contract, { outcome, warnings }: Answer, language: Language): HTMLElement[] {
  const { positive, negative, bands } = contract.output;
  const label = outcome.label === positive.value ? positive : negative;
  const band = bands.find(({ id }) => id === outcome.risk);
  const percent = formatPercent(language, outcome.probability);
  const threshold = formatPercent(language, outcome.threshold);
  return [
    element(
      'p',
      { class: 'probability' },
      element('span', { class: 'caption' }, texts.probability[language]),
      ' ',
      element('data', { value: String(outcome.probability) }, percent),
    ),
    gauge(outcome),
    element(
      'p',
      {},
      element('strong', { class: 'label' }, label.label[language]),
      ` (${standing(label === positive, threshold)[language]})`,
    ),
    element(
      'dl',
      {},
      ...entry(texts.risk[language], band?.label[language] ?? outcome.risk),
      ...entry(texts.threshold[language], threshold),
      ...entry(texts.model[language], `${contract.name} ${contract.version}`),
    ),
    ...(warnings.length > 0 ? [renderWarnings(contract, warnings, language)] : []),
  ];
}

/** A bar from 0 to 1, with a mark at the threshold. The numbers stand beside it as text. */
function gauge({ probability, threshold }: Outcome): HTMLElement {
  const bar = element('div', { class: 'gauge', 'aria-hidden': 'true' });
  bar.style.setProperty('--probability', String(probability));
  bar.style.setProperty('--threshold', String(threshold));
  return bar;
}

function entry(term: string, description: string): HTMLElement[] {
  return [element('dt', {}, term), element('dd', {}, description)];
}

function renderWarnings({ features }: Contract, warnings: readonly Warning[], language: Language): HTMLElement {
  const items = warnings.map(({ fields, message }) => {
    const labels = features.filter(({ name }) => fields.includes(name)).map(({ label }) => label[language]);
    return element('li', {}, element('strong', {}, labels.join(', ')), element('br'), message[language]);
  });
  return element(
    'div',
    { class: 'warnings' },
    element('h3', {}, texts.warnings[language]),
    element('ul', {}, ...items),
  );
}
