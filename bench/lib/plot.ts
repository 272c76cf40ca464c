import type { Spread } from './statistics.ts';

/** One panel: a bar for each subject, of the median, with a line from the smallest to the largest round. */
export type Panel = { title: string; unit: string; bars: { label: string; value: Spread; isOurs: boolean }[] };

const WIDTH = 760;
const LABEL_WIDTH = 230;
const VALUE_WIDTH = 90;
const BAR_HEIGHT = 18;
const ROW_HEIGHT = 28;
const TITLE_HEIGHT = 44;

/** Colours that are readable on white and on black. A page that embeds the image passes the reader's colour scheme on to it. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 } .grid { stroke: #d1d9e0 } .tick { font-size: 11px; fill: #59636e }
  .bar { fill: #8c959f } .ours { fill: #1a7f64 } .range { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .grid { stroke: #3d444d } .tick { fill: #9198a1 }
    .bar { fill: #6e7681 } .ours { fill: #3fb68b } .range { stroke: #e6edf3 }
  }`;

/** Draws panels below each other, each with a logarithmic scale of its own. */
export function plot(title: string, panels: readonly Panel[]): string {
  const parts: string[] = [];
  let top = 0;
  for (const panel of panels) {
    parts.push(`<g transform="translate(0 ${top})">${drawPanel(panel)}</g>`);
    top += panelHeight(panel);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img" aria-label="${toXml(title)}">
<title>${toXml(title)}</title>
<style>${STYLE}
</style>
${parts.join('\n')}
</svg>
`;
}

function panelHeight({ bars }: Panel): number {
  return TITLE_HEIGHT + bars.length * ROW_HEIGHT + 24;
}

function drawPanel({ title, unit, bars }: Panel): string {
  const ticks = decades(bars.flatMap(({ value }) => [value.min, value.max]));
  const [low, high] = [ticks[0] ?? 1, ticks.at(-1) ?? 10];
  const x = (value: number) =>
    round(LABEL_WIDTH + (Math.log10(value / low) / Math.log10(high / low)) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH));
  const bottom = TITLE_HEIGHT + bars.length * ROW_HEIGHT;
  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${TITLE_HEIGHT - 8}" y2="${bottom}"/>` +
      `<text class="tick" x="${x(tick)}" y="${bottom + 14}" text-anchor="middle">${formatTick(tick)}</text>`,
  );
  const rows = bars.map(({ label, value, isOurs }, i) => {
    const y = TITLE_HEIGHT + i * ROW_HEIGHT;
    const middle = y + BAR_HEIGHT / 2;
    return (
      `<text x="${LABEL_WIDTH - 10}" y="${middle + 4}" text-anchor="end">${toXml(label)}</text>` +
      `<rect class="bar${isOurs ? ' ours' : ''}" x="${LABEL_WIDTH}" y="${y}" width="${round(x(value.median) - LABEL_WIDTH)}" height="${BAR_HEIGHT}"/>` +
      `<line class="range" x1="${x(value.min)}" x2="${x(value.max)}" y1="${middle}" y2="${middle}"/>` +
      `<text x="${round(x(value.max) + 8)}" y="${middle + 4}">${formatValue(value.median)} ${toXml(unit)}</text>`
    );
  });
  return `<text class="title" x="0" y="20">${toXml(title)}</text>${grid.join('')}${rows.join('')}`;
}

/** The powers of ten around the values, two at least. */
function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)) - 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

function formatTick(value: number): string {
  return value >= 1 ? value.toLocaleString('en') : String(Number(value.toPrecision(1)));
}

function formatValue(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function toXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
