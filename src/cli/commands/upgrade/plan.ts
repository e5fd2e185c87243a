import type { RecordedEvent } from '../../../events.ts';
import { defined } from '../../../lib/defined.ts';
import { planUpgrade } from '../../../phases/upgrade/plan.ts';
import type { UpgradePlan } from '../../../upgrade/plan.ts';
import { command } from '../../command.ts';
import { refuseMixedFlags } from '../../mixed-flags.ts';
import { outputFlags, outputFormat } from '../../output-flags.ts';
import { printResult } from '../../render/structured.ts';
import { planText } from '../../render/upgrade-plan.ts';
import { versionArgument } from './request.ts';

export const plan = command({
  name: 'plan',
  argumentsHelp: '[version]',
  short:
    'Check which versions are available to upgrade to and validate whether your current cluster is upgradeable.',
  long: `Check which versions the cluster can be upgraded to, and whether it is fit for an upgrade.

The command runs on a control plane. It asks the release server of Kubernetes for the versions. With the
argument [version] it does not ask.`,
  maximumArguments: Number.POSITIVE_INFINITY,
  flags: [
    'allow-experimental-upgrades',
    'allow-release-candidate-upgrades',
    'config',
    'etcd-upgrade',
    'ignore-preflight-errors',
    'kubeconfig',
    'print-config',
    ...outputFlags,
  ],
  run: async (invocation) => {
    const { flags, host, output, signal, startedAt } = invocation;
    const format = await outputFormat(flags, host);
    refuseMixedFlags(flags);
    const { given } = flags;
    const request = defined({
      configPath: given.config,
      kubeconfig: given.kubeconfig,
      etcdUpgrade: given['etcd-upgrade'],
      ignorePreflightErrors: given['ignore-preflight-errors'],
      allowExperimental: given['allow-experimental-upgrades'],
      allowReleaseCandidate: given['allow-release-candidate-upgrades'],
      printConfig: given['print-config'],
      version: versionArgument(invocation.arguments),
    });
    const record = (recorded: RecordedEvent): void => {
      if (format === 'text' || !progress.has(recorded.event.type)) invocation.record(recorded);
    };
    const found = await planUpgrade(host, request, { record, signal, startedAt });
    if (found === undefined) return;
    printResult(output, format, { text: planText(found), objects: [planObject(found)] });
  },
});

/** Lines that would stand in front of JSON or YAML. */
const progress: ReadonlySet<string> = new Set([
  'cluster-configuration-reading',
  'output',
  'preflight-running',
  'progress',
]);

/** Returns the object of output.kubeadm.k8s.io, with its order of fields. */
function planObject({ availableUpgrades, configVersions }: UpgradePlan): object {
  return {
    kind: 'UpgradePlan',
    apiVersion: 'output.kubeadm.k8s.io/v1alpha3',
    ...(availableUpgrades.length === 0 ? {} : { availableUpgrades }),
    ...(configVersions.length === 0 ? {} : { configVersions }),
  };
}
