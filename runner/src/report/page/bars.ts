import { escapeHtml } from './html-page.js';
import { type Weight } from './page-parts.js';

/**
 * Pictures as inline SVG, sized and coloured by attributes, which Jenkins' policy allows; the style sheet replaces the
 * colours where there is a dark scheme. Nothing in them is text: they stretch, text must not.
 */
const COLOURS = {
  good: '#0b6b33',
  look: '#7d4b00',
  bad: '#b3261e',
  note: '#2b4c7e',
  bar: '#5b7fb5',
  rest: '#c3ccd6',
};
type Colour = Weight | 'bar' | 'rest';

const rect = (x: number, y: number, width: number, height: number, colour: Colour, title = ''): string =>
  `<rect class="${colour}" x="${x.toFixed(2)}" y="${y.toFixed(2)}" width="${width.toFixed(2)}" height="${height.toFixed(2)}" fill="${COLOURS[colour]}">${title === '' ? '' : `<title>${escapeHtml(title)}</title>`}</rect>`;

/** One stage on the line of time; `width` 0: it was not reached. All in shares of the whole, 0 to 1. */
export interface Span {
  readonly from: number;
  readonly width: number;
  readonly colour: Colour;
}

/** As wide as its place. What comes before and after is drawn as a thin line. */
export function spanBar({ from, width, colour }: Span): string {
  const line = rect(0, 6, 1000, 2, 'rest');
  const bar = width === 0 ? '' : rect(from * 1000, 1, Math.max(4, width * 1000), 12, colour);
  return `<svg width="100%" height="14" viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true" focusable="false">${line}${bar}</svg>`;
}

export interface Column {
  readonly value: number;
  readonly colour: Colour;
  /** Plain text, shown when one points at it. */
  readonly title: string;
}

const SLOTS = 10;
const HEIGHT = 80;

/** At most ten columns, oldest first, from zero. @param label what the picture says, in words */
export function columnPlot(columns: readonly Column[], label: string): string {
  const shown = columns.slice(-SLOTS);
  const most = Math.max(...shown.map(({ value }) => value), 0);
  const bars = shown.map(({ value, colour, title }, index) => {
    const height = most === 0 ? 2 : Math.max(2, (value / most) * HEIGHT);
    return rect((SLOTS - shown.length + index) * 40 + 4, HEIGHT - height, 32, height, colour, title);
  });
  return `<svg role="img" width="400" height="82" viewBox="0 0 400 82" aria-label="${escapeHtml(label)}">${bars.join('')}${rect(0, HEIGHT, 400, 1, 'rest')}</svg>`;
}

/** The last runs as a strip of squares, oldest first. @param label what it says, in words */
export function runStrip(columns: readonly Omit<Column, 'value'>[], label: string): string {
  const squares = columns
    .slice(-SLOTS)
    .map(({ colour, title }, index) => rect(index * 14, 0, 11, 16, colour, title));
  const width = String(Math.max(1, Math.min(SLOTS, columns.length)) * 14);
  return `<svg role="img" width="${width}" height="16" viewBox="0 0 ${width} 16" aria-label="${escapeHtml(label)}">${squares.join('')}</svg>`;
}
