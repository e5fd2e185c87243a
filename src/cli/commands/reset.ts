import { loadReset } from '../../config/load-node.ts';
import type { RawReset } from '../../config/v1beta4/defaults.ts';
import { KubeadmError } from '../../errors.ts';
import { buildResetInput } from '../../phases/reset/build-input.ts';
import { manualCleanupNote, resetPhases } from '../../phases/reset/index.ts';
import type { Command, Invocation } from '../command.ts';
import { warnTo } from '../config-warnings.ts';
import { flagsNamed } from '../flags.ts';
import { refuseMixedFlags } from '../mixing.ts';
import type { FlagValues } from '../parse.ts';
import { phaseCommand, phaseTable } from '../phase-commands.ts';
import { runWorkflow, select } from '../workflow.ts';

const flagNames = [
  'cert-dir',
  'cleanup-tmp-dir',
  'config',
  'cri-socket',
  'dry-run',
  'force',
  'ignore-preflight-errors',
  'kubeconfig',
  'skip-phases',
];

/** `kubeadm reset` and `kubeadm reset phase …`. */
export const reset: Command = {
  name: 'reset',
  short: "Undo what 'kubeadm init' or 'kubeadm join' did to this machine",
  long: `Undo what 'kubeadm init' or 'kubeadm join' did to this machine, as far as it goes.\n\n${phaseTable('reset', resetPhases)}`,
  flags: flagsNamed(flagNames),
  // Scripts pass words that were never looked at.
  maximumArguments: Number.POSITIVE_INFINITY,
  commands: [
    phaseCommand({
      command: 'reset',
      phases: resetPhases,
      run: async (invocation, only) => await runReset(invocation, only),
    }),
  ],
  run: async (invocation) => {
    await runReset(invocation);
    invocation.output.stdout(manualCleanupNote);
  },
};

async function runReset(invocation: Invocation, only?: readonly string[]): Promise<void> {
  const { flags, host, emit } = invocation;
  refuseMixedFlags(flags);
  const set = (name: string): boolean => flags.has(name) && flags.changed(name);
  const text = (name: string): string => (set(name) ? flags.string(name) : '');
  const configPath = text('config');
  const { config } = await loadReset(
    host,
    { ...(configPath === '' ? {} : { configPath }), overlay: overlayOf(flags) },
    { criDetection: flags.has('cri-socket'), onWarning: warnTo(emit) },
  );
  const given = (name: string, otherwise: boolean): boolean => (set(name) ? flags.bool(name) : otherwise);
  const names = [
    ...new Set(
      [
        ...(set('ignore-preflight-errors') ? flags.strings('ignore-preflight-errors') : []),
        ...config.ignorePreflightErrors,
      ].map((name) => name.toLowerCase()),
    ),
  ].sort();
  if (names.includes('all') && names.length > 1) {
    throw new KubeadmError('usage', "don't specify individual checks if 'all' is used");
  }
  const input = await buildResetInput(
    {
      options: {
        dryRun: given('dry-run', config.dryRun),
        force: given('force', config.force),
        cleanupTmpDir: given('cleanup-tmp-dir', config.cleanupTmpDir),
        ignorePreflightErrors: names,
      },
      certificatesDir: text('cert-dir') || config.certificatesDir,
      criSocket: text('cri-socket') || config.criSocket,
      unmountFlags: config.unmountFlags,
      timeouts: config.timeouts,
    },
    text('kubeconfig') || '/etc/kubernetes/admin.conf',
    { host, emit },
  );
  const skip =
    set('skip-phases') && flags.strings('skip-phases').length > 0
      ? flags.strings('skip-phases')
      : config.skipPhases;
  const selected = select(resetPhases, only === undefined ? { skip } : { only });
  await runWorkflow(resetPhases, selected, { input, host, invocation });
}

/** Flags as fields of ResetConfiguration, as far as its defaults and checks depend on them. */
function overlayOf(flags: FlagValues): RawReset {
  const socket = flags.has('cri-socket') ? flags.string('cri-socket') : '';
  return socket === '' ? {} : { criSocket: socket };
}
