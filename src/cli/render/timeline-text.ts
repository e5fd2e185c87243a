import type { Timeline } from './timeline.ts';

const barWidth = 32;

/** Returns the timeline as a table with a bar for each phase, for `-v 1`. The lines have no newline. */
export function timelineLines({ command, milliseconds, phases }: Timeline): readonly string[] {
  if (phases.length === 0) return [];
  const name = Math.max(...phases.map(({ phase }) => phase.length));
  const rows = phases.map(({ milliseconds: own, outcome, overlaps, phase, start }) => {
    const marks = [
      ...(outcome === 'finished' ? [] : [outcome]),
      ...(overlaps.length === 0 ? [] : [`with ${overlaps.join(', ')}`]),
    ];
    const row = [seconds(start), seconds(own), phase.padEnd(name), `|${bar(start, own, milliseconds)}|`];
    return `${row.join('  ')} ${marks.join('; ')}`.trimEnd();
  });
  return [
    `timeline of ${command}: ${(milliseconds / 1000).toFixed(3)}s, of which phases overlapped for ${overlapped(phases).toFixed(3)}s`,
    `${'start'.padStart(9)}  ${'took'.padStart(9)}  phase`,
    ...rows,
  ];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)}s`.padStart(9);
}

function bar(start: number, own: number, whole: number): string {
  const scale = whole === 0 ? 0 : barWidth / whole;
  const from = Math.min(barWidth - 1, Math.floor(start * scale));
  const to = Math.min(barWidth, Math.max(from + 1, Math.round((start + own) * scale)));
  return `${' '.repeat(from)}${'#'.repeat(to - from)}`.padEnd(barWidth);
}

/** Returns the time in which two or more phases ran, in seconds. */
export function overlapped(phases: Timeline['phases']): number {
  const edges = phases
    .flatMap(({ milliseconds, start }) => [
      { at: start, change: 1 },
      { at: start + milliseconds, change: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.change - b.change);
  let running = 0;
  let last = 0;
  let sum = 0;
  for (const { at, change } of edges) {
    if (running > 1) sum += at - last;
    running += change;
    last = at;
  }
  return sum / 1000;
}
