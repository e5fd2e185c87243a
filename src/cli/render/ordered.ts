/**
 * Puts the events of overlapping phases into listed order. The events of a phase wait until all phases that are listed
 * before it have ended. Events outside phases do not wait.
 */
export interface Ordered<T> {
  readonly push: (item: T, phase: string | undefined) => void;
  readonly ended: (phase: string) => void;
  /** Shows all events that still wait, in listed order. It is called at the end of a run. */
  readonly flush: () => void;
}

/** @param order full names of the phases of the run */
export function ordered<T>(order: readonly string[], show: (item: T) => void): Ordered<T> {
  const held = new Map<string, T[]>(order.map((name) => [name, []]));
  const over = new Set<string>();
  let position = 0;
  const advance = (): void => {
    for (;;) {
      const name = order[position];
      if (name === undefined) return;
      for (const item of held.get(name)?.splice(0) ?? []) show(item);
      if (!over.has(name)) return;
      position++;
    }
  };
  return {
    push: (item, phase) => {
      const queue = phase === undefined ? undefined : held.get(phase);
      if (queue === undefined || phase === order[position]) show(item);
      else queue.push(item);
    },
    ended: (phase) => {
      over.add(phase);
      advance();
    },
    flush: () => {
      for (; position < order.length; position++) {
        for (const item of held.get(order[position] ?? '')?.splice(0) ?? []) show(item);
      }
    },
  };
}
