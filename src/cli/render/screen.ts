import type { KubeadmEvent, RecordedEvent } from '../../events.ts';
import { ordered } from './ordered.ts';
import type { Output } from './output.ts';
import { renderText } from './text.ts';

/** Receives the events of a run in the order in which they happen. */
export type Renderer = (recorded: RecordedEvent) => void;

/**
 * Writes events as text to stdout and stderr. Phases can overlap, but their lines come in listed order. The text depends
 * only on the events, so a recorded run gives the same text again.
 */
export function textScreen(output: Output, verbosity: number): Renderer {
  const show = (event: KubeadmEvent): void => {
    const rendered = renderText(event, verbosity);
    if (rendered !== undefined) output[rendered.stream](rendered.text);
  };
  let screen = ordered<KubeadmEvent>([], show);
  return ({ event, phase }) => {
    if (event.type === 'phases-selected') {
      screen.flush();
      screen = ordered<KubeadmEvent>(event.phases, show);
    }
    if (event.type === 'timeline' || event.type === 'run-finished' || event.type === 'run-failed')
      screen.flush();
    screen.push(event, phase);
    if (event.type === 'phase-finished' || event.type === 'phase-failed' || event.type === 'phase-stopped') {
      screen.ended(event.phase);
    }
  };
}
