import type { KubeadmEvent } from '../events.ts';
import type { RunContext } from '../phases/execute.ts';
import type { Invocation } from './command.ts';
import { type Ordered, ordered } from './render/ordered.ts';

/** Runs a command, and renders what its phases report in listed order, though they overlap. */
export async function shown<T>(
  { emit, signal }: Invocation,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  let screen: Ordered<KubeadmEvent> = ordered<KubeadmEvent>([], emit);
  try {
    return await work({
      signal,
      record: ({ event, phase }) => {
        if (event.type === 'phases-selected') screen = ordered(event.phases, emit);
        screen.push(event, phase);
        if (event.type === 'phase-finished' || event.type === 'phase-failed') screen.ended(event.phase);
      },
    });
  } finally {
    screen.flush();
  }
}
