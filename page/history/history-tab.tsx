import './history.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TabProps } from '../backend.ts';
import { addressOf, useRoute } from '../route.ts';
import { HistoryList } from './history-list.tsx';
import { PredictionView } from './prediction-view.tsx';
import { texts } from './texts.ts';

/** The history, or the one prediction of it that the address names. The list keeps its filters and its page meanwhile. */
export function HistoryTab({ backend, contract, language }: TabProps) {
  const { tab, rest: id, search } = useRoute();
  const list = useRef('');
  // Beside a prediction, the address has no filter: the list keeps its own.
  if (tab === 'history' && id === '') list.current = search;
  const [erased, setErased] = useState(0);
  const [isNoticed, setIsNoticed] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const hadDetail = useRef(false);
  useEffect(() => {
    if (id !== '') setIsNoticed(false);
    // The link that was pressed is gone with the prediction's view.
    else if (hadDetail.current) heading.current?.focus();
    hadDetail.current = id !== '';
  }, [id]);
  const { history } = backend;
  if (!history) return null;
  return (
    <>
      <div hidden={id !== ''}>
        <HistoryList
          key={erased}
          {...{ history, contract, language, heading }}
          search={list.current}
          notice={isNoticed ? texts.erased[language] : ''}
        />
      </div>
      {id !== '' && (
        <PredictionView
          key={id}
          {...{ id, backend, history, contract, language }}
          listAddress={addressOf('history', '', list.current)}
          erased={() => {
            setErased(erased + 1);
            location.hash = addressOf('history', '', list.current);
            setIsNoticed(true);
          }}
        />
      )}
    </>
  );
}
