/** Runs a command, for the command line and for programs that use the library. */
import type { Emit, KubeadmEvent } from '../events.ts';
import type { DryRun } from '../host/dry-run/index.ts';
import type { Host } from '../host.ts';
import { untilAborted } from '../lib/abortable.ts';
import { deepFreeze } from '../lib/deep-freeze.ts';
import type { RunCommand } from '../run-record/record.ts';
import { refuseBesideOtherProcess, runAlone } from '../run-record/running.ts';
import type { OrderedPhase } from '../workflow/phase.ts';
import { PhaseFailure } from '../workflow/run.ts';
import { createDiagnosedRun, type DiagnosisPlan, type DiagnosisSource } from './diagnosed-run.ts';
import { beginReport, executePhases, phaseError, type Run, type RunContext, select } from './execute.ts';
import { phasesInDryRun, phasesInRealRun } from './phases-in-dry-run.ts';
import { withResumeHint } from './resume-hint.ts';

/** The part of a request that all commands share. */
export interface WorkflowRequest {
  /** Full names of phases (`certs`, `kubeconfig/admin`), each with its children, in list order; defaults to all. */
  readonly only?: readonly string[];
  /** Phases to skip; defaults to those in the configuration's `skipPhases`. */
  readonly skip?: readonly string[];
  readonly dryRun?: boolean;
}

/** The input of a command, and its host. */
export interface Built<Input> {
  readonly input: Input;
  /** The host of the phases. */
  readonly host: Host;
  /** Phases that a whole run skips. */
  readonly skip: readonly string[];
  /** It is undefined if the run is real. */
  readonly dryRun: DryRun | undefined;
  /** The name of this node, for its event. */
  readonly nodeName: string;
}

/** The part of a result that names the files of a dry run. Undefined if the run is real, or its files have no directory. */
export function dryRunResult(dryRun: DryRun | undefined): { readonly directory: string } | undefined {
  return dryRun?.directory === undefined ? undefined : { directory: dryRun.directory };
}

export interface BuildContext extends Run {
  /** The selected phases, if not all phases run. */
  readonly single: ReadonlySet<string> | undefined;
}

/** For a command that may have to change the machine before its input can be built. */
export interface ChangingBuildContext extends BuildContext {
  /**
   * Does work that changes the machine, as `runAlone`. An interrupted run waits for its end, and its events are reported.
   *
   * @throws KubeadmError `unfinished-run` beside another run; the signal's reason, before the work; the errors of `work`
   */
  readonly changeMachine: <T>(work: (emit: Emit) => Promise<T>) => Promise<T>;
}

interface Closable {
  readonly close: () => void;
}

export interface Workflow<Input, Scope, Result> {
  readonly command: RunCommand;
  readonly phases: readonly OrderedPhase<Input, Host, KubeadmEvent, string, Scope>[];
  readonly request: WorkflowRequest;
  /** Reads the configuration and refuses invalid input. An interrupted run only waits for its `changeMachine`. */
  readonly build: (host: Host, context: ChangingBuildContext) => Promise<Built<Input>>;
  /** Creates the values that the phases share. They are closed when the run ends. */
  readonly openScope: (built: Built<Input>) => Scope;
  /** Passes a host to `use` that is prepared for the selected phases; defaults to the built host. */
  readonly prepare?: (
    built: Built<Input>,
    context: Run & { readonly selected: ReadonlySet<string> },
    use: (host: Host) => Promise<readonly string[]>,
  ) => Promise<readonly string[]>;
  /**
   * What to watch while the phases run that come after the start of the kubelet. A cause that time does not heal ends the
   * run, and a failure of such a phase is explained.
   */
  readonly diagnosis?: DiagnosisPlan & {
    readonly source: (
      built: Built<Input>,
      context: Pick<Run, 'emit' | 'signal'> & { readonly scope: Scope },
    ) => Promise<DiagnosisSource>;
  };
  /**
   * Called after single phases that may change the machine have succeeded.
   *
   * @param phases full names of the phases that ran, in list order
   */
  readonly afterSingle?: (host: Host, phases: readonly string[], emit: Emit) => Promise<void>;
  /** Called after a phase of a real run has failed, unless the run was interrupted. It must not throw. */
  readonly afterFailure?: (
    built: Built<Input>,
    failure: PhaseFailure,
    context: Run & { readonly scope: Scope },
  ) => Promise<void>;
  /** @param phases full names of the phases that ran, in list order */
  readonly result: (built: Built<Input>, phases: readonly string[]) => Promise<Result>;
}

/**
 * Selects the phases, builds their input, runs them and ends the run.
 *
 * @throws KubeadmError of a failed phase with the code of its cause (else `phase-failed`), the cause's details, and
 *   `details.phase` and `details.endedBeyond` (later phases of the list that had already ended); `interrupted`;
 *   `unfinished-run` beside another run; `phase-unknown`, `phase-dependency`; the errors of `build`
 */
export async function runWorkflow<Input, Scope extends Closable | undefined, Result>(
  host: Host,
  context: RunContext,
  workflow: Workflow<Input, Scope, Result>,
): Promise<Result> {
  const { command, phases, request } = workflow;
  const { only, skip = [] } = request;
  const run = beginReport(host, context);
  const isWhole = only === undefined;
  let keepsRecord = false;
  try {
    run.signal.throwIfAborted();
    // The dependencies of single phases are checked before any configuration is read.
    const single = isWhole ? undefined : select(phases, { only, skip });
    const built = await build(host, workflow, { run, single });
    const dryRun = built.dryRun !== undefined;
    keepsRecord = isWhole && !dryRun;
    run.emit({ type: 'node-name', node: built.nodeName });
    const selected = single ?? select(phases, { skip: built.skip });
    const work = async () => await execute(workflow, { built, run, selected });
    if (!isWhole && !dryRun && mayChangeMachine(selected)) await refuseBesideOtherProcess(host);
    const ran = keepsRecord ? await runAlone(host, { command, emit: run.emit }, work) : await work();
    if (!isWhole && !dryRun) await workflow.afterSingle?.(host, ran, run.emit);
    return await workflow.result(built, ran);
  } catch (error) {
    throw await withResumeHint(error, host, { command, keepsRecord, run });
  }
}

/** An interruption ends the build at once, except that it waits for a change of the machine. */
async function build<Input, Scope extends Closable | undefined, Result>(
  host: Host,
  workflow: Workflow<Input, Scope, Result>,
  { run, single }: { readonly run: Run; readonly single: BuildContext['single'] },
): Promise<Built<Input>> {
  const { command } = workflow;
  const { signal } = run;
  // An interrupted build may go on for a while. Its events are ignored.
  const emit: Emit = (event) => {
    if (!signal.aborted) run.emit(event);
  };
  let change: Promise<unknown> | undefined;
  const changeMachine: ChangingBuildContext['changeMachine'] = async (work) => {
    signal.throwIfAborted();
    const changing = runAlone(host, { command, emit: run.emit }, async () => await work(run.emit));
    change = changing;
    return await changing;
  };
  const context = { ...run, emit, single, changeMachine };
  try {
    return await untilAborted(() => workflow.build(host, context), signal);
  } finally {
    await change;
  }
}

/** @param selected full names of phases */
function mayChangeMachine(selected: ReadonlySet<string>): boolean {
  return [...selected].some((name) => name !== 'preflight' && !name.startsWith('preflight/'));
}

interface SelectedRun<Input> {
  readonly built: Built<Input>;
  readonly run: Run;
  readonly selected: ReadonlySet<string>;
}

async function execute<Input, Scope extends Closable | undefined, Result>(
  { afterFailure, diagnosis, openScope, phases, prepare }: Workflow<Input, Scope, Result>,
  { built, run, selected }: SelectedRun<Input>,
): Promise<readonly string[]> {
  const { dryRun, host } = built;
  const ordered =
    dryRun === undefined
      ? phasesInRealRun(phases)
      : phasesInDryRun(phases, dryRun, (own) => openScope({ ...built, host: own }));
  const input = deepFreeze(built.input);
  const scope = openScope(built);
  const diagnosed =
    diagnosis === undefined || dryRun !== undefined
      ? undefined
      : createDiagnosedRun(host, phases, {
          ...diagnosis,
          run,
          source: async () => await diagnosis.source(built, { ...run, scope }),
        });
  const companion = diagnosed?.companion;
  const use = (prepared: Host): Promise<readonly string[]> =>
    executePhases(ordered, selected, {
      input,
      host: prepared,
      scope,
      run,
      ...(companion === undefined ? {} : { companion }),
    });
  try {
    return await (prepare === undefined ? use(host) : prepare(built, { ...run, selected }, use));
  } catch (error) {
    if (!(error instanceof PhaseFailure) || run.signal.aborted) throw error;
    const cause = diagnosed === undefined ? error.cause : await diagnosed.explain(error);
    if (dryRun === undefined) await afterFailure?.(built, error, { ...run, scope });
    throw phaseError(error, cause);
  } finally {
    diagnosed?.close();
    scope?.close();
  }
}
