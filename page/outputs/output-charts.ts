import type { ComponentChildren } from 'preact';
import type { Text } from '../../common/contract/text.ts';
import type { Language } from '../language.ts';

/** The outcomes of one day in UTC, as an ISO date. */
export type DayOutcomes<Outcome> = { date: string; outcomes: readonly Outcome[] };

export type OutcomesProps<Outcome> = { outcomes: readonly Outcome[]; language: Language };
export type PanelsProps<Outcome> = OutcomesProps<Outcome> & { days: readonly DayOutcomes<Outcome>[] };
type QualityProps<Comparison> = { comparison: Comparison; language: Language };

/** What the page shows of many outcomes. */
export interface OutputCharts<Outcome, Comparison> {
  readonly distributionTitle: Text;
  Distribution(props: OutcomesProps<Outcome>): ComponentChildren;
  /** The figures at the top of the dashboard. */
  figures(outcomes: readonly Outcome[], language: Language): { term: string; text: string }[];
  /** The charts of the dashboard, each in a panel. */
  Panels(props: PanelsProps<Outcome>): ComponentChildren;
  /** Shown instead of the quality until an outcome is observed. */
  readonly withoutOutcomes: Text;
  /** How predictions compare with observed outcomes, of which there is at least one. */
  Quality(props: QualityProps<Comparison>): ComponentChildren;
}
