import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { type Case, expand, type OperatorCase } from './case.ts';
import { constants } from './constants.ts';
import { conversions } from './conversions.ts';
import { logic } from './logic.ts';
import { matrices } from './matrices.ts';
import { mlOperators } from './ml-operators.ts';
import { pipelines } from './pipelines.ts';
import { reductions } from './reductions.ts';
import { shapes } from './shapes.ts';
import { treeEnsembles } from './tree-ensembles.ts';

/** What the converters of scikit-learn, XGBoost and LightGBM, and exports of small neural networks, make of a table. */
const operators: OperatorCase[] = [
  ...arithmetic,
  ...logic,
  ...activations,
  ...matrices,
  ...reductions,
  ...shapes,
  ...constants,
  ...conversions,
  ...mlOperators,
  ...treeEnsembles,
];

/** Every graph that the slim runtime is made for. */
export const allCases: Case[] = [...expand(operators), ...pipelines];
