import type { ComponentChildren } from 'preact';
import type { Comparison, Outcome } from '../../common/contract/outputs/outputs.ts';
import type { Text } from '../../common/contract/text.ts';
import type { Language } from '../language.ts';

/** The outcomes of one day in UTC, as an ISO date. */
export type DayOutcomes = { date: string; outcomes: readonly Outcome[] };

export type OutcomesProps = { outcomes: readonly Outcome[]; language: Language };
export type PanelsProps = OutcomesProps & { days: readonly DayOutcomes[] };
type QualityProps = { comparison: Comparison; language: Language };

/** What the page shows of many outcomes. */
export interface OutputCharts {
  readonly distributionTitle: Text;
  Distribution(props: OutcomesProps): ComponentChildren;
  /** The figures at the top of the dashboard. */
  figures(outcomes: readonly Outcome[], language: Language): { term: string; text: string }[];
  /** The charts of the dashboard, each in a panel. */
  Panels(props: PanelsProps): ComponentChildren;
  /** Shown instead of the quality until an outcome is observed. */
  readonly withoutOutcomes: Text;
  /** How predictions compare with observed outcomes, of which there is at least one. */
  Quality(props: QualityProps): ComponentChildren;
}
