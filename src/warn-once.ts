import type { RecordedEvent } from './events.ts';

/** Passes on what a run reports, but an equal warning only once: several steps may read the same file. */
export function warnOnce(record: (recorded: RecordedEvent) => void): (recorded: RecordedEvent) => void {
  const warnings = new Set<string>();
  return (recorded) => {
    const { event } = recorded;
    if (event.type === 'warning') {
      const warning = `${event.code} ${event.message}`;
      if (warnings.has(warning)) return;
      warnings.add(warning);
    }
    record(recorded);
  };
}
