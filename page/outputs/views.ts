import type { Expectation, Outcome, Output } from '../../common/contract/outputs/outputs.ts';
import { binaryView } from './binary/view.tsx';
import { multiclassView } from './multiclass/view.tsx';
import { regressionView } from './regression/view.tsx';
import type { OutputView } from './view.ts';

export type AnyOutputView = OutputView<Outcome, Expectation>;

const views = new WeakMap<Output, AnyOutputView>();

/**
 * What the page knows of an output by its kind. A view is made once an output: another `Answer` at the next rendering would be
 * another component.
 */
export function outputView(output: Output): AnyOutputView {
  const known = views.get(output);
  if (known) return known;
  const view = viewOf(output);
  views.set(output, view);
  return view;
}

function viewOf(output: Output): AnyOutputView {
  switch (output.kind) {
    case undefined:
    case 'binary':
      return binaryView(output);
    case 'multiclass':
      return multiclassView(output);
    case 'regression':
      return regressionView(output);
  }
}
