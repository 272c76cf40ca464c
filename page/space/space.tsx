import '../without-eval.ts';
import '../style.css';
import { render } from 'preact';
import { App, type LazyTabs } from '../app.tsx';
import { connectToModel } from './space-backend.ts';

/** Nothing is recorded here, so there is no history. */
const lazyTabs: LazyTabs = { file: async () => (await import('../file/file-tab.tsx')).FileTab };

const root = document.getElementById('root');
if (root) render(<App connect={connectToModel} lazyTabs={lazyTabs} />, root);
