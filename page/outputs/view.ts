import type { ComponentChildren } from 'preact';
import type { ExploreAnswer, ExplorePoint } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import type { Feature } from '../../common/contract/features/features.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import type { Text } from '../../common/contract/text.ts';
import type { Bin, Histogram } from '../../common/history/statistics.ts';
import type { Language } from '../language.ts';

type OutcomeProps<Outcome> = { outcome: Outcome; language: Language };

/** `reference` is the outcome that the form is compared with; null where there is none. */
type AnswerProps<Outcome, Expected> = OutcomeProps<Outcome> & { reference: Expected | null };

export type CurveProps = {
  language: Language;
  feature: Feature;
  points: readonly ExplorePoint[];
  /** The value in the form; null where there is none. */
  chosen: FeatureValue;
  /** The scale of the values; null where each has a bar of its own. */
  scale: { unit: Text | null } | null;
};

/** A part of an outcome, as a column of a table. */
export type OutcomeColumn<Outcome> = {
  id: string;
  label: Text;
  isNumber: boolean;
  /** Whether a narrow table leaves the column out: the view of one prediction has it. */
  isSecondary: boolean;
  /** By which the rows are sorted. */
  rank(outcome: Outcome): number;
  show(outcome: Outcome, language: Language): ComponentChildren;
};

/** Outcomes that belong together, such as those of one risk band. */
type OutcomeGroup = { id: string; describe(language: Language): string };

/** A filter of the history: a parameter of GET /v1/predictions, and its values. */
export type OutcomeFilter = { name: 'risk' | 'label'; label: Text; options: readonly { value: string; label: Text }[] };

/**
 * All that the page knows of a contract's output by its kind: how an outcome is drawn, put into words and compared. `Outcome` and
 * `Expected` are those of the kind in common/.
 */
export interface OutputView<Outcome, Expected> {
  /** An outcome as large as the form's page shows it. */
  Answer(props: AnswerProps<Outcome, Expected>): ComponentChildren;
  /** An outcome in a few characters. */
  Brief(props: OutcomeProps<Outcome>): ComponentChildren;
  /** An outcome as a recorded prediction begins with it. */
  Recorded(props: OutcomeProps<Outcome>): ComponentChildren;
  /** What else is recorded of an outcome. */
  facts(outcome: Outcome, language: Language): { term: string; text: string }[];
  /** An outcome as a sentence, for a screen reader. */
  describe(outcome: Outcome, language: Language): string;
  /** The value of an outcome or an example. */
  describeValue(value: Expected, language: Language): string;
  /** The difference between two values. */
  describeChange(from: Expected, to: Expected, language: Language): string;

  /** The outcome of the first point of an exploration; null where the point is refused. */
  outcomeOf(answer: ExploreAnswer): Outcome | null;
  readonly curveHelp: Text;
  /** The chart of an exploration. */
  Curve(props: CurveProps): ComponentChildren;

  readonly columns: readonly OutcomeColumn<Outcome>[];
  /** In the order in which a reader looks for them. */
  readonly groups: readonly OutcomeGroup[];
  /** The group of an outcome; null where it has none. */
  groupOf(outcome: Outcome): string | null;
  /** How many outcomes each group has. */
  Counts(props: { counts: ReadonlyMap<string, number>; language: Language }): ComponentChildren;
  readonly filters: readonly OutcomeFilter[];
  /** The orders of the history beside that by time: values of the API's parameter `sort`. */
  readonly sorts: readonly { value: 'probability' | 'value'; label: Text }[];

  /** An observed label in words: that of a prediction which came true. Or an observed number. */
  describeObserved(observed: string | number, language: Language): string;
  /** The labels that can be observed; null where a number is. */
  readonly observable: readonly string[] | null;

  /** What the drift of the outcomes is measured by. */
  readonly drift: {
    label: Text;
    /** Null where the baseline has none. */
    histogram(baseline: NonNullable<Contract['baseline']>): Histogram | null;
    binOf(outcome: Outcome): Bin;
  };

  /** How well the model did in training. */
  Measures(props: { metrics: NonNullable<Contract['metrics']>; language: Language }): ComponentChildren;
  /** How an answer follows from the graph's output. */
  Decision(props: { language: Language }): ComponentChildren;
}
