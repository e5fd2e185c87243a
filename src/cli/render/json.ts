import type { RecordedEvent } from '../../events.ts';
import type { Renderer } from './screen.ts';
import { withoutSecrets } from './secrets.ts';

/**
 * Events as JSON lines, one object each, without secrets, as docs/reference/events.schema.json says:
 * `time` (RFC 3339, UTC), `at` (milliseconds since the start of the run), `phase` (only inside phases), `event`.
 *
 * @param startTime when the run began; the times of day follow the monotonic clock from there
 */
export function jsonLines(write: (line: string) => void, startTime: Date): Renderer {
  return ({ at, event, phase }) => {
    const time = new Date(startTime.getTime() + at).toISOString();
    const line = {
      time,
      at: Math.round(at * 1000) / 1000,
      ...(phase === undefined ? {} : { phase }),
      event: withoutSecrets(event),
    };
    write(`${JSON.stringify(line)}\n`);
  };
}

/**
 * A line of `jsonLines` as the event that it was made of.
 *
 * @throws SyntaxError when the line is not JSON; the schema checks the shape
 */
export function recordedEvent(line: string): RecordedEvent {
  const { at, event, phase } = JSON.parse(line) as Omit<RecordedEvent, 'phase'> & { readonly phase?: string };
  return { at, event, phase };
}
