/** Watches the machine while phases run that depend on the kubelet, and explains why one of them failed. */
import { causeError, causeMessage, explainFailure } from '../diagnosis/explain.ts';
import { createObserver, type Observer } from '../diagnosis/observer.ts';
import type { Wording } from '../diagnosis/remedy.ts';
import { reportFault } from '../diagnosis/report-fault.ts';
import { type Diagnosis, watchForCause } from '../diagnosis/watch.ts';
import type { KubeadmEvent } from '../events.ts';
import type { Host } from '../host.ts';
import { flattenPhases, type OrderedPhase } from '../workflow/phase.ts';
import type { Companion, PhaseFailure } from '../workflow/run.ts';
import type { Run } from './execute.ts';

/** What a command starts on this machine. */
export interface DiagnosisSource {
  readonly criSocket: string;
  /** The names of the containers, in the order of their dependencies. Empty for a worker. */
  readonly components: readonly string[];
  readonly certificatesDir?: string;
  /** The time when the command began. */
  readonly since: Date;
}

/** How a command is watched. */
export interface DiagnosisPlan {
  /** The full name of the phase that starts the kubelet. The phases that are listed after it are watched. */
  readonly after: string;
  /** The command whose words the remedy has. */
  readonly wording: Wording;
  /** False for a command that puts back what it changed: then only failures are explained. Defaults to true. */
  readonly endsEarly?: boolean;
  /** The words before the cause in the error of a phase; empty for none. */
  readonly whatFailed?: (phase: string) => string;
}

export interface DiagnosedRun {
  readonly companion: Companion;
  /** Returns the error that explains why a phase failed. If that fails, it returns the error of the phase. */
  readonly explain: (failure: PhaseFailure) => Promise<unknown>;
  readonly close: () => void;
}

interface DiagnosedOptions extends DiagnosisPlan {
  /** Called once, when the first watched phase starts or fails. */
  readonly source: () => Promise<DiagnosisSource>;
  readonly run: Pick<Run, 'emit' | 'signal'>;
}

export function createDiagnosedRun<I, S>(
  host: Host,
  phases: readonly OrderedPhase<I, Host, KubeadmEvent, string, S>[],
  { after, endsEarly = true, run, source, whatFailed, wording }: DiagnosedOptions,
): DiagnosedRun {
  const names = flattenPhases(phases).map(({ fullName }) => fullName);
  const beside = new Set(names.slice(names.indexOf(after) + 1));
  let observed: { readonly observer: Observer; readonly source: DiagnosisSource } | undefined;
  const observe = async () => {
    const options = observed?.source ?? (await source());
    observed ??= { observer: createObserver(host, { ...options, signal: run.signal }), source: options };
    return observed;
  };
  let found: { readonly error: unknown; readonly diagnosis: Diagnosis } | undefined;
  const what = (phase: string): string => whatFailed?.(phase) ?? '';
  return {
    companion: {
      beside: endsEarly ? beside : new Set<string>(),
      run: async (signal) => {
        // A fault of the diagnosis must not end a run that can succeed.
        const watch = async () =>
          await watchForCause((await observe()).observer, { clock: host.clock, signal });
        const diagnosis = await watch().catch((error: unknown) => {
          if (!signal.aborted) reportFault(error, run.emit);
          return undefined;
        });
        if (diagnosis === undefined) return;
        const error = new Error(diagnosis.summary);
        found = { error, diagnosis };
        throw error;
      },
      describe: (phase) => (found === undefined ? '' : causeMessage(found.diagnosis, what(phase))),
    },
    explain: async ({ cause, fullName }) => {
      try {
        if (found !== undefined && cause === found.error) {
          const { diagnosis } = found;
          return await causeError(host, { diagnosis, what: what(fullName) }, { wording });
        }
        if (!beside.has(fullName)) return cause;
        const { observer, source: own } = await observe();
        const { components, criSocket } = own;
        const explanation = { components, criSocket, wording, emit: run.emit };
        return await explainFailure(cause, host, { observer, ...explanation });
      } catch (error) {
        if (!run.signal.aborted) reportFault(error, run.emit);
        return cause;
      }
    },
    close: () => observed?.observer.close(),
  };
}
