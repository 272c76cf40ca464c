import './without-eval.ts';
import './style.css';
import { render } from 'preact';
import { connectToApi } from './api-backend.ts';
import { App, type LazyTabs } from './app.tsx';
import type { Connect } from './session.ts';

const connect: Connect = (apiKey, onRefusedKey) => connectToApi({ url: location.origin, apiKey, onRefusedKey });

const lazyTabs: LazyTabs = {
  file: async () => (await import('./file/file-tab.tsx')).FileTab,
  history: async () => (await import('./history/history-tab.tsx')).HistoryTab,
  dashboard: async () => (await import('./dashboard/dashboard-tab.tsx')).DashboardTab,
};

const root = document.getElementById('root');
if (root) render(<App connect={connect} lazyTabs={lazyTabs} />, root);
