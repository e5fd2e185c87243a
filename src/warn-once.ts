import type { RecordedEvent } from './events.ts';

/** Passes on all events, but equal warnings only once. Several steps of a run can read the same file and warn of it. */
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
