import type { RecordedEvent } from '../../events.ts';
import type { Renderer } from './screen.ts';
import { withoutSecrets } from './secrets.ts';

/** It grows when an event or a field goes away or changes its meaning. A new event or field does not change it. */
export const eventSchemaVersion = 1;

/**
 * Writes each event without secrets as a JSON line. docs/reference/events.schema.json has its schema. The fields are
 * `schema` (eventSchemaVersion), `time` (RFC 3339, UTC), `at` (milliseconds since the start of the run), `node` (the name
 * of this node, from the event `node-name` on), `phase` (only inside phases) and `event`.
 *
 * @param startTime the start of the run; `time` is this time plus `at`
 */
export function jsonLines(write: (line: string) => void, startTime: Date): Renderer {
  let node: string | undefined;
  return ({ at, event, phase }) => {
    if (event.type === 'node-name') node = event.node;
    const time = new Date(startTime.getTime() + at).toISOString();
    const line = {
      schema: eventSchemaVersion,
      time,
      at: Math.round(at * 1000) / 1000,
      ...(node === undefined ? {} : { node }),
      ...(phase === undefined ? {} : { phase }),
      event: withoutSecrets(event),
    };
    write(`${JSON.stringify(line)}\n`);
  };
}

/**
 * Returns the event of a line of `jsonLines`.
 *
 * @throws SyntaxError if the line is not JSON; it does not check the shape, which the schema is for
 */
export function recordedEvent(line: string): RecordedEvent {
  const { at, event, phase } = JSON.parse(line) as Omit<RecordedEvent, 'phase'> & { readonly phase?: string };
  return { at, event, phase };
}
