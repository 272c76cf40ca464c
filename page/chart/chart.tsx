import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Language } from '../language.ts';
import { texts } from './texts.ts';

/** A colour of the style sheet, as a canvas takes it. */
export type Palette = (property: `--${string}`) => string;
export type ChartOptions = Omit<uPlot.Options, 'width' | 'height'>;

type Props = {
  /** The chart in words, for a screen reader. A table beside it has the numbers. */
  summary: string;
  /** Must be the same function as long as the chart is to look the same. */
  options: (library: typeof uPlot, palette: Palette) => ChartOptions;
  data: uPlot.AlignedData;
  /** The point under the pointer, in words. */
  describePoint: (index: number) => string;
  language: Language;
};

const HEIGHT = 220;

/** A canvas keeps its colours. When the answer to one of these queries changes, the chart is drawn again. */
const COLOUR_QUERIES = ['(prefers-color-scheme: dark)', 'print'];

export function Chart({ summary, options, data, describePoint, language }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [library, setLibrary] = useState<typeof uPlot | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const [point, setPoint] = useState<number | null>(null);

  useEffect(() => {
    import('uplot').then(
      (module) => setLibrary(() => module.default),
      () => setHasFailed(true),
    );
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!library || !element) return;
    const draw = (): uPlot => {
      const { hooks, ...chosen } = options(library, (property) => colourOf(element, property));
      const setCursor = [({ cursor }: uPlot) => setPoint(cursor.idx ?? null)];
      const size = { width: element.clientWidth || 320, height: HEIGHT };
      return new library({ ...BASICS, ...chosen, ...size, hooks: { ...hooks, setCursor } }, data, element);
    };
    let chart = draw();
    const redraw = () => {
      chart.destroy();
      chart = draw();
    };
    const resized = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    resized.observe(element);
    const queries = COLOUR_QUERIES.map((query) => matchMedia(query));
    for (const query of queries) query.addEventListener('change', redraw);
    return () => {
      resized.disconnect();
      for (const query of queries) query.removeEventListener('change', redraw);
      chart.destroy();
    };
  }, [library, options, data]);

  if (hasFailed) return <p class="quiet">{texts.notLoaded[language]}</p>;
  return (
    <figure class="chart">
      <div ref={box} role="img" aria-label={summary} class="chart-canvas" />
      <p class="chart-point small numbers" aria-hidden="true">
        {point === null ? '\u00a0' : describePoint(point)}
      </p>
    </figure>
  );
}

const BASICS = {
  legend: { show: false },
  cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
} as const;

/** Resolves a custom property, and `light-dark()` in it: a canvas takes plain colours only. */
function colourOf(element: HTMLElement, property: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
