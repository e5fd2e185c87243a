/** Questions about components whose runs have ended, which several rules ask. */
import type { ComponentFacts, EndedRun, Facts } from '../facts.ts';
import { signature } from '../logs/klog.ts';
import { type LastWords, lastingFault, lastWords } from '../logs/last-words.ts';

/** A run that lasts longer has done something before it failed. */
export const shortRunMs = 10_000;

/** A component that ended by itself, with its last run and the words of that. */
export interface Ending {
  readonly component: ComponentFacts;
  readonly run: EndedRun;
  /** Undefined for a run without a log. */
  readonly words: LastWords | undefined;
  /** The reason of the program or of the runtime, in one line. */
  readonly reason: string;
  /** Whether it ended so often in the same way that it will not stop. */
  readonly isRepeated: boolean;
}

/**
 * The components that ended by themselves, in the order of their dependencies. Ends by a signal, because the kubelet was
 * stopped, or because another component does not answer do not count.
 */
export function endings(facts: Facts): readonly Ending[] {
  return (facts.components ?? []).flatMap((component) => {
    const run = component.runs.at(-1);
    if (run === undefined || component.exits < 1 || !endedByItself(run)) return [];
    const words = lastWords(run.log);
    return { component, run, words, reason: reasonOf(run, words), isRepeated: isRepeated(component) };
  });
}

function isRepeated({ exits, runs }: ComponentFacts): boolean {
  const last = runs.at(-1);
  if (exits < 1 || last === undefined) return false;
  const words = lastWords(last.log);
  if (endedByItself(last) && hopeless.test(reasonOf(last, words))) return true;
  if (exits < 2) return false;
  const before = runs.at(-2);
  // A single look sees only the last run, but knows how often it ended.
  const isSame =
    before === undefined ||
    (endedByItself(before) &&
      signature(reasonOf(before, lastWords(before.log))) === signature(reasonOf(last, words)));
  const isLasting = words?.isLasting === true || lastingFault(reasonOf(last, words)) !== undefined;
  if (isLasting || words?.refusesInput === true) return isSame;
  if (words?.waitsForAnother === true || mayHeal.test(words?.reason ?? '') || lacksPeers(last)) return false;
  if (!runs.every((run) => endedByItself(run) && run.ranMs < shortRunMs)) return false;
  if (crashSignal(last) !== undefined) return isSame;
  return words === undefined ? exits >= 3 : isSame || exits >= 3;
}

/** The program is for another processor, its file is damaged, or a plug-in of the API server denies everything. */
const hopeless = /exec format error|admission control is denying all/;

/** The API server has not made its own roles yet, or was too slow for a lease. A plug-in that denies everything goes on. */
const mayHeal = /forbidden(?!: admission control is denying)|unauthorized|leader ?election lost/i;

/** A new member of etcd ends if no other member answers it, for example because the other machine starts again. */
function lacksPeers({ log }: EndedRun): boolean {
  return log.some((line) => noPeer.test(line) && !/x509: |tls: /.test(line));
}

const noPeer = /"msg":"failed to get cluster response"/;

/** The signals with which a broken program ends, by the exit code. */
const crashSignals: Readonly<Record<number, string>> = {
  132: 'SIGILL',
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  139: 'SIGSEGV',
  159: 'SIGSYS',
};

/** The signal of a program that has crashed by itself. */
export function crashSignal({ exitCode }: Pick<EndedRun, 'exitCode'>): string | undefined {
  return crashSignals[exitCode];
}

export function endedByItself({ exitCode, log, message, reason }: EndedRun): boolean {
  // klog ends a program with 255 after a fatal error, which can also be one of its shutdown.
  const isFatal = exitCode === 255 && !log.some((line) => /shutting down|shutdown/i.test(line));
  const isOwn = reason === 'OOMKilled' || isFatal || crashSignal({ exitCode }) !== undefined;
  const bySignal = exitCode > 128 && !isOwn;
  // A kubelet that was stopped meanwhile has cancelled the start.
  const wasCalledOff = reason === 'StartError' && message.includes('context canceled');
  return exitCode !== 0 && !bySignal && !wasCalledOff;
}

/** Whether a signal ended the last run of a component, but not because it needed too much memory. */
export function wasKilled({ runs }: ComponentFacts): boolean {
  const run = runs.at(-1);
  return run !== undefined && run.exitCode > 128 && run.reason !== 'OOMKilled';
}

function reasonOf({ message, reason }: EndedRun, words: LastWords | undefined): string {
  const runtime = [reason === 'Error' ? '' : reason, message].filter((part) => part !== '').join(': ');
  return [runtime, words?.reason ?? ''].filter((part) => part !== '').join(': ');
}
