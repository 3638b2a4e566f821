// The ratios as a bar chart, drawn by hand: one group of bars per row on a logarithmic scale, the baseline at 1.
import { gates } from '../gates.ts';
import { findPeer } from '../peers.ts';
import type { Machine } from './machine.ts';
import type { Row } from './summary.ts';

const LABELS = 360;
const PLOT = 560;
const BAR = 11;
const GAP = 10;
const TOP = 64;
const COLORS = ['#0b6e4f', '#5fbf9b', '#c0392b', '#e08e79', '#8d99ae', '#3d5a80', '#f2a541'];

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

interface Bar {
  readonly peer: string;
  /** How many times better than the baseline: for memory and delay the inverse of the ratio. */
  readonly better: number;
}

function barsOf(row: Row): Bar[] {
  const inverse = gates[row.scenario]?.measure === 'at most';
  return row.cells.flatMap(({ peer, ratio }) =>
    ratio === undefined || !(ratio > 0) ? [] : [{ peer, better: inverse ? 1 / ratio : ratio }],
  );
}

/** The chart; empty when there is nothing to compare with. */
export function svgChart(rows: readonly Row[], peers: readonly string[], machine: Machine): string {
  const groups = rows.map((row) => ({ row, bars: barsOf(row) })).filter(({ bars }) => bars.length > 0);
  const all = groups.flatMap(({ bars }) => bars.map(({ better }) => better));
  if (all.length === 0) return '';
  const low = 2 ** Math.floor(Math.log2(Math.min(0.5, ...all)));
  const high = 2 ** Math.ceil(Math.log2(Math.max(2, ...all)));
  const x = (value: number): number => LABELS + (Math.log2(value / low) / Math.log2(high / low)) * PLOT;
  const color = (peer: string): string => COLORS[peers.indexOf(peer) % COLORS.length] ?? '#888';

  const parts: string[] = [];
  let y = TOP;
  for (const { row, bars } of groups) {
    const middle = y + (bars.length * BAR) / 2 + 4;
    parts.push(`<text x="${LABELS - 8}" y="${middle}" text-anchor="end">${escapeXml(row.title)}</text>`);
    for (const { peer, better } of bars) {
      const [from, to] = [Math.min(x(1), x(better)), Math.max(x(1), x(better))];
      parts.push(
        `<rect x="${from.toFixed(1)}" y="${y}" width="${Math.max(1, to - from).toFixed(1)}" height="${BAR - 1}" fill="${color(peer)}"/>` +
          `<text x="${(to + 4).toFixed(1)}" y="${y + 9}" class="n">${better.toFixed(better < 10 ? 1 : 0)}×</text>`,
      );
      y += BAR;
    }
    y += GAP;
  }
  const lines: string[] = [];
  for (let tick = low; tick <= high; tick *= 2) {
    const at = x(tick).toFixed(1);
    lines.push(
      `<line x1="${at}" y1="${TOP - 8}" x2="${at}" y2="${y}" stroke="${tick === 1 ? '#444' : '#ddd'}"/>`,
    );
    lines.push(`<text x="${at}" y="${TOP - 12}" text-anchor="middle" class="n">${tick}×</text>`);
  }
  const baseline = rows[0]?.baseline ?? 'ws';
  const shown = peers.filter((peer) => peer !== baseline);
  const legend = shown.map((peer, index) => {
    const at = 12 + index * 175;
    return `<rect x="${at}" y="30" width="10" height="10" fill="${color(peer)}"/><text x="${at + 14}" y="39">${escapeXml(findPeer(peer).title)}</text>`;
  });
  const width = LABELS + PLOT + 60;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 12}" viewBox="0 0 ${width} ${y + 12}" font-family="system-ui, sans-serif" font-size="11">
<style>.n { font-size: 9px; fill: #555 }</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="18" font-size="13">Times better than ${escapeXml(baseline)} (log scale): per server-CPU-second; memory and delay inverted. Node ${escapeXml(machine.node)}, ${machine.date}</text>
${[...legend, ...lines, ...parts].join('\n')}
</svg>
`;
}
