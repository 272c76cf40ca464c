import type { Expectation, Outcome, Output } from '../../common/contract/outputs/outputs.ts';
import { binaryView } from './binary/view.tsx';
import type { OutputView } from './view.ts';

export type AnyOutputView = OutputView<Outcome, Expectation>;

const views = new WeakMap<Output, AnyOutputView>();

/**
 * What the page knows of an output by its kind. A second kind makes `Output` a union: the compiler then asks for the choice
 * here. A view is made once an output: another `Answer` at the next rendering would be another component.
 */
export function outputView(output: Output): AnyOutputView {
  const known = views.get(output);
  if (known) return known;
  const view = binaryView(output);
  views.set(output, view);
  return view;
}
