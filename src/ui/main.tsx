import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { IndexedDbStore } from '../store';
import { App } from './App';
import { ErrorBoundary } from './panels/ErrorBoundary';
import { startEngine } from './state/client';
import { LabContext } from './state/context';
import { followHash } from './state/hash';
import { createLab } from './state/lab';
import { openTabs } from './state/tabs';
import './styles/index.css';

const engine = startEngine((message) => lab.getState().notify(message));
const tabs = openTabs();
const lab = createLab(engine, new IndexedDbStore(), tabs.tell);
tabs.follow(lab);
void lab.getState().connect();
followHash(lab);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <ErrorBoundary>
      <LabContext value={lab}>
        <App />
      </LabContext>
    </ErrorBoundary>
  </StrictMode>,
);
