import { useRef, useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import type { Language } from '../language.ts';
import { save } from '../save.ts';
import { templateCsv } from './template.ts';
import { intro, texts } from './texts.ts';

type Props = { contract: Contract; language: Language; offline: boolean; add(files: readonly File[]): void };

/** Where files are chosen, or dropped. */
export function DropZone({ contract, language, offline, add }: Props) {
  const [isOver, setIsOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut; the input inside does the same by keyboard
    <div
      class={isOver ? 'drop-zone over' : 'drop-zone'}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length > 0) add(files);
      }}
    >
      <p>{intro(contract)[language]}</p>
      <p class="row">
        <label class="button primary-label">
          {texts.choose[language]}
          <input
            ref={input}
            class="unseen"
            type="file"
            accept=".csv,text/csv"
            multiple
            onChange={({ currentTarget }) => {
              add([...(currentTarget.files ?? [])]);
              // The same file, mended, must count as chosen again.
              currentTarget.value = '';
            }}
          />
        </label>
        <span class="quiet drop-hint">{texts.orDrop[language]}</span>
      </p>
      <p class="small quiet">{(offline ? texts.local : texts.remote)[language]}</p>
      <p class="small template">
        <button
          type="button"
          class="plain"
          onClick={() => save([templateCsv(contract)], `${contract.name}-template.csv`, 'text/csv')}
        >
          {texts.template[language]}
        </button>
        <span class="quiet"> ({texts.templateHelp[language]})</span>
      </p>
    </div>
  );
}
