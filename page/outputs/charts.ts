import type { Comparison, Outcome, Output } from '../../common/contract/outputs/outputs.ts';
import { binaryCharts } from './binary/charts.tsx';
import { multiclassCharts } from './multiclass/charts.tsx';
import type { OutputCharts } from './output-charts.ts';
import { regressionCharts } from './regression/charts.tsx';

type AnyOutputCharts = OutputCharts<Outcome, Comparison>;

const charts = new WeakMap<Output, AnyOutputCharts>();

/** The charts of an output's kind, made once an output. They stand apart from `outputView`: the form loads no charts. */
export function outputCharts(output: Output): AnyOutputCharts {
  const known = charts.get(output);
  if (known) return known;
  const made = chartsOf(output);
  charts.set(output, made);
  return made;
}

function chartsOf(output: Output): AnyOutputCharts {
  switch (output.kind) {
    case undefined:
    case 'binary':
      return binaryCharts(output);
    case 'multiclass':
      return multiclassCharts(output);
    case 'regression':
      return regressionCharts(output);
  }
}
