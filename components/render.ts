/** Turns the events of a build into lines. On a terminal, one line counts the seconds. */
import type { Writable } from 'node:stream';

import { gigabytes } from './disk.ts';
import type { ComponentsEvent, Report, Step } from './events.ts';

/** The seconds between two lines of a long step if the output is a pipe. */
const stillEvery = 60;

/** @param stream a terminal gets a line that is rewritten each second; other streams get whole lines only. */
export function createTextReport(stream: Writable & { readonly isTTY?: boolean }): Report {
  const terminal = stream.isTTY === true;
  let ticking: NodeJS.Timeout | undefined;
  let downloads = 0;
  let received = '';
  const clear = (): void => {
    clearInterval(ticking);
    ticking = undefined;
    if (terminal) stream.write('\r\u001b[K');
  };
  const tick = (step: Step, start: number): void => {
    const seconds = Math.round((performance.now() - start) / 1000);
    const doing = `${head(step)} ${seconds} s${downloads > 0 ? `, ${downloads} modules downloaded` : ''}${received}`;
    if (terminal) stream.write(`\r\u001b[K${doing}`);
    else if (seconds > 0 && seconds % stillEvery === 0) stream.write(`${doing} so far\n`);
  };
  return (event) => {
    if (event.type === 'begin') {
      downloads = 0;
      received = '';
      const start = performance.now();
      tick(event.step, start);
      ticking = setInterval(() => tick(event.step, start), 1000).unref();
      return;
    }
    if (event.type === 'note') {
      if (event.line.startsWith('downloading ')) downloads += 1;
      if (event.line.startsWith('received ')) received = `, ${event.line}`;
      return;
    }
    if (event.type === 'done') clear();
    for (const line of describe(event)) stream.write(`${line}\n`);
  };
}

/** The lines of one event; empty for events that only a terminal shows. */
export function describe(event: ComponentsEvent): readonly string[] {
  switch (event.type) {
    case 'complete':
      return [];
    case 'plan':
      return planLines(event);
    case 'done':
      return [`${head(event.step)} ${event.seconds.toFixed(1)} s`];
    case 'packages':
      return [`Installing Debian packages: ${event.missing.join(', ')}`];
    case 'packages-done':
      return [`Installed ${event.count} Debian packages in ${event.seconds.toFixed(0)} s`];
    case 'waiting':
      return [`Waiting for another build to end: ${event.holder} (lock: ${event.path})`];
    case 'finished':
      return [`Built ${event.built} in ${duration(event.seconds)}`];
    default:
      return [];
  }
}

function planLines(event: Extract<ComponentsEvent, { type: 'plan' }>): readonly string[] {
  const { missing, of: total, needsMB, freeMB, cache, source, sourceReason } = event;
  const from = source === 'go' ? "Go's caches" : 'the downloads';
  return [
    ...(sourceReason === undefined ? [] : [`Using the official release files. ${sourceReason}`]),
    `Building ${missing.length} of ${total} components (the others are cached) into ${cache}`,
    `They take about ${gigabytes(needsMB)} of disk with ${from}; ${gigabytes(freeMB)} are free`,
  ];
}

function head(step: Step): string {
  const width = String(step.total).length;
  const name = step.kind === 'image' ? `image ${step.name.replace(/^image-/, '')}` : step.name;
  return `[${String(step.index).padStart(width)}/${step.total}] ${name} ${step.version}`;
}

/** A time such as `12 s` or `3 min 20 s`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
