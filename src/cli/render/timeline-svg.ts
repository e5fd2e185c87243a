import type { Timeline } from './timeline.ts';
import { overlapped } from './timeline-text.ts';

/** The width of a character of the names, in pixels. It is generous because the font is not known. */
const characterWidth = 6.8;
const chartWidth = 640;
const rowHeight = 20;
const margin = 20;
const headHeight = 46;

/** The parts of a timeline that the picture shows. The benchmarks also draw upstream's timings, read from its log. */
export type PictureRun = Pick<Timeline, 'command' | 'milliseconds' | 'phases' | 'waits'>;

/**
 * Draws runs below each other on one scale of time. Each phase has a bar, and its waits are darker parts of the bar. The
 * picture needs no script, no font and no network.
 */
export function timelineSvg(runs: readonly PictureRun[]): string {
  const whole = Math.max(1, ...runs.map(({ milliseconds }) => milliseconds));
  const scale = chartWidth / whole;
  const longest = Math.max(10, ...runs.flatMap(({ phases }) => phases.map(({ phase }) => phase.length)));
  const nameWidth = Math.ceil(longest * characterWidth) + 8;
  const parts: string[] = [];
  let top = margin;
  for (const run of runs) {
    parts.push(runPicture(run, { top, scale, left: margin + nameWidth }));
    top += headHeight + run.phases.length * rowHeight + margin;
  }
  const width = margin * 2 + nameWidth + chartWidth + 70;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" font-family="sans-serif" font-size="12">
<title>${escaped(`When each phase of ${runs.map(({ command }) => command).join(', ')} ran`)}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`;
}

interface Place {
  readonly top: number;
  /** The x coordinate of the start of the run. */
  readonly left: number;
  /** The number of pixels for a millisecond. */
  readonly scale: number;
}

function runPicture(
  { command, milliseconds, phases, waits }: PictureRun,
  { left, scale, top }: Place,
): string {
  const chartTop = top + headHeight - 6;
  const bottom = chartTop + phases.length * rowHeight;
  const title = `${command}: ${seconds(milliseconds)}, phases overlap for ${overlapped(phases).toFixed(2)} s`;
  const lines = [
    `<text x="${margin}" y="${top + 14}" font-size="14" font-weight="bold">${escaped(title)}</text>`,
    ...grid(milliseconds).map(
      (at) =>
        `<line x1="${px(left + at * scale)}" y1="${chartTop}" x2="${px(left + at * scale)}" y2="${bottom}" stroke="#dddddd"/>` +
        `<text x="${px(left + at * scale)}" y="${chartTop - 4}" text-anchor="middle" fill="#666666">${at / 1000} s</text>`,
    ),
  ];
  phases.forEach((phase, index) => {
    const y = chartTop + index * rowHeight;
    const fill = phase.outcome === 'finished' ? '#7fb2e5' : '#e58a7f';
    const x = left + phase.start * scale;
    const width = Math.max(1, phase.milliseconds * scale);
    const tip = `${phase.phase}: from ${seconds(phase.start)}, ${seconds(phase.milliseconds)}, ${phase.outcome}`;
    lines.push(
      `<g><title>${escaped(tip)}</title>`,
      `<text x="${left - 8}" y="${y + 14}" text-anchor="end">${escaped(phase.phase)}</text>`,
      `<rect x="${px(x)}" y="${y + 3}" width="${px(width)}" height="${rowHeight - 6}" fill="${fill}"/>`,
      ...waits
        .filter((wait) => wait.phase === phase.phase)
        .map(
          (wait) =>
            `<rect x="${px(left + wait.start * scale)}" y="${y + rowHeight - 8}" width="${px(Math.max(1, wait.milliseconds * scale))}" height="4" fill="#2f5f8f"><title>${escaped(`waits ${seconds(wait.milliseconds)} for ${wait.for}`)}</title></rect>`,
        ),
      `<text x="${px(x + width + 4)}" y="${y + 14}" fill="#444444">${seconds(phase.milliseconds)}</text></g>`,
    );
  });
  return lines.join('\n');
}

/** Returns the times of the scale's lines, eight at most. Their distance is 1, 2 or 5 times a power of ten. */
function grid(milliseconds: number): readonly number[] {
  const steps = [1, 2, 5].flatMap((factor) => [10, 100, 1_000, 10_000, 100_000].map((unit) => factor * unit));
  const step = steps.sort((a, b) => a - b).find((size) => milliseconds / size <= 8) ?? milliseconds;
  return Array.from({ length: Math.floor(milliseconds / step) + 1 }, (_, index) => index * step);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 1000 ? 3 : 2)} s`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // These characters are not allowed in XML.
      .replaceAll(/[^\P{Cc}\t\n]/gu, '')
  );
}
