/** The order in which the phases of a list start. */
import { flattenPhases, type OrderedPhase } from './phase.ts';

/** Runs one phase without its children. It must not reject. `limitsStart` resolves when its time limits begin. */
export type Execute<I, H, E, S> = (
  fullName: string,
  phase: OrderedPhase<I, H, E, string, S>,
  limitsStart: Promise<void>,
) => Promise<void>;

/** The values that the phases of one list get from their parent. */
interface Parent {
  /** Prefix of their full names. */
  readonly prefix: string;
  readonly start: Promise<void>;
  readonly limits: Promise<void> | undefined;
}

/** Starts each phase when the phases that it waits for have ended. Resolves when all have ended. */
export function schedule<I, H, E, S>(
  phases: readonly OrderedPhase<I, H, E, string, S>[],
  execute: Execute<I, H, E, S>,
): Promise<void> {
  const all = async (waited: readonly Promise<void>[]): Promise<void> => void (await Promise.all(waited));
  /** The ends of phases with all their children, by full name. */
  const ends = new Map(
    flattenPhases(phases).map(({ fullName }) => [fullName, Promise.withResolvers<void>()]),
  );
  const endsOf = (names: readonly string[]): readonly Promise<void>[] =>
    names.map((name) => ends.get(name)?.promise).filter((end) => end !== undefined);
  /** The ends of the phases so far, each without its children. */
  const before: Promise<void>[] = [];
  /** The end of the last exclusive phase before this one. */
  let barrier = Promise.resolve();
  const scheduleList = (
    list: readonly OrderedPhase<I, H, E, string, S>[],
    { prefix, start, limits }: Parent,
  ): Promise<void> => {
    const siblings: Promise<void>[] = [start];
    for (const phase of list) {
      const fullName = prefix + phase.name;
      const waitsFor = phase.after === undefined ? siblings.slice() : [start, ...endsOf(phase.after)];
      const begin = all([barrier, ...waitsFor, ...(phase.exclusive === true ? before : [])]);
      const limitsAfter = phase.limitsAfter === undefined ? limits : all(endsOf(phase.limitsAfter));
      const limitsStart = limitsAfter ?? begin;
      const own = begin.then(() => execute(fullName, phase, limitsStart));
      before.push(own);
      const parent = { prefix: `${fullName}/`, start: own, limits: limitsAfter };
      const whole = phase.children ? scheduleList(phase.children, parent) : own;
      void whole.then(ends.get(fullName)?.resolve);
      siblings.push(whole);
      if (phase.exclusive === true) barrier = whole;
    }
    return all(siblings);
  };
  return scheduleList(phases, { prefix: '', start: Promise.resolve(), limits: undefined });
}
