import type uPlot from 'uplot';
import type { Palette } from './chart.tsx';

/** How all charts draw an axis. */
export function axis(palette: Palette, more: uPlot.Axis = {}): uPlot.Axis {
  return {
    stroke: palette('--quiet'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: palette('--line'), width: 1 },
    ticks: { show: false },
    ...more,
  };
}

/** A line across the chart at a value of a scale, drawn above the series. */
export function line(chart: uPlot, scale: 'x' | 'y', value: number, colour: string): void {
  const { ctx, bbox } = chart;
  const at = chart.valToPos(value, scale, true);
  ctx.save();
  ctx.beginPath();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  if (scale === 'x') {
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
  } else {
    ctx.moveTo(bbox.left, at);
    ctx.lineTo(bbox.left + bbox.width, at);
  }
  ctx.stroke();
  ctx.restore();
}
