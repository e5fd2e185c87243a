/** The clock of the API server, compared with the clock of this machine. */
import type { Emit } from '../events.ts';
import type { Clock } from '../host.ts';
import { formatDuration } from '../lib/go/duration.ts';

export interface ServerClock {
  /** Takes the time in an answer of the server. */
  readonly note: (date: Date) => void;
  /** Milliseconds by which the server's clock is ahead of that of this machine; undefined if no answer had a time. */
  readonly ahead: () => number | undefined;
}

export function createServerClock(clock: Pick<Clock, 'now'>): ServerClock {
  let ahead: number | undefined;
  return {
    note: (date) => {
      ahead = date.getTime() - clock.now().getTime();
    },
    ahead: () => ahead,
  };
}

/** Answers have whole seconds, and they travel for a while. Certificates are made with bounds that allow some minutes. */
const toleratedMs = 60_000;

export interface ClockFinding {
  /** A sentence without its period. */
  readonly explanation: string;
  readonly hint: string;
}

/**
 * Compares the clock of this machine with that of the server, for the error of a certificate that is not valid now.
 *
 * @param otherwise the hint if the clocks agree
 */
export function clockFinding(
  { ahead }: ServerClock,
  { clock, otherwise }: { readonly clock: Pick<Clock, 'now'>; readonly otherwise: string },
): ClockFinding {
  const own = clock.now();
  const shows = `The clock of this machine shows ${shown(own)}`;
  const difference = ahead();
  if (difference === undefined) {
    return { explanation: shows, hint: `Set the clock of this machine. If it is right: ${otherwise}` };
  }
  const explanation = `${shows}, and that of the server ${shown(new Date(own.getTime() + difference))}`;
  const hint = Math.abs(difference) > toleratedMs ? setTheClock : `Both clocks agree. ${otherwise}`;
  return { explanation, hint };
}

const setTheClock =
  'Set the clock that is wrong, and let both machines take their time from a time server ("timedatectl set-ntp true").';

/** Warns if the clocks differ so much that the certificate of the kubelet may not be valid at first. */
export function warnOfClock({ ahead }: ServerClock, server: string, emit: Emit): void {
  const difference = ahead();
  if (difference === undefined || Math.abs(difference) <= toleratedMs) return;
  const duration = formatDuration(Math.round(Math.abs(difference) / 1000) * 1000);
  const relation = difference > 0 ? 'behind' : 'ahead of';
  const message = `the clock of this machine is ${duration} ${relation} the clock of ${server}, so certificates may not be valid on this machine`;
  emit({ type: 'warning', code: 'clock-differs', topic: 'discovery', message });
}

function shown(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
