import type { Capabilities } from '../common/api/answers.ts';
import { may } from './backend.ts';

const TABS = ['employee', 'file', 'history', 'dashboard'] as const;
export type Tab = (typeof TABS)[number];

/** The tabs that this visitor may see, in their order. */
export function tabsOf(capabilities: Capabilities): Tab[] {
  const { level, history } = capabilities;
  const canPredict = may(capabilities, 'predict');
  const canRead = history && may(capabilities, 'read');
  const shown = { employee: canPredict, file: canPredict && level !== 'simple', history: canRead, dashboard: canRead };
  return TABS.filter((tab) => shown[tab]);
}
