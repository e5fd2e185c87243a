/** The kube-scheduler static Pod. Source: cmd/kubeadm/app/phases/controlplane/manifests.go. */
import { controlPlaneImages } from '../images.ts';
import { commandArguments, lastArgument, toArguments } from '../lib/arguments.ts';
import { kubernetesDir, ports, schedulerConf } from '../names.ts';
import type { Pod } from './pod.ts';
import { livenessProbe, probeHost, readiness, startupProbe } from './probes.ts';
import { type ManifestInput, mergeEnvironment, staticPod } from './static-pod.ts';
import { hostPath, sortedVolumes, withExtraVolumes } from './volumes.ts';

/** This path does not depend on --kubeconfig-dir. */
const kubeconfig = `${kubernetesDir}/${schedulerConf}`;

export function kubeSchedulerPod(input: ManifestInput): Pod {
  const { cluster, facts, release } = input;
  const { flags, probes } = release.manifests['kube-scheduler'];
  const { extraArgs, extraEnvs, extraVolumes } = cluster.scheduler;
  const probed = {
    host: probeHost(lastArgument(extraArgs, 'bind-address') ?? '127.0.0.1'),
    scheme: 'HTTPS',
  } as const;
  const paths = [hostPath('kubeconfig', kubeconfig, { type: 'FileOrCreate' })];
  const { volumes, volumeMounts } = sortedVolumes(withExtraVolumes(paths, extraVolumes));
  const defaults = {
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    kubeconfig,
    'leader-elect': 'true',
    ...flags,
  };
  return staticPod({
    name: 'kube-scheduler',
    container: {
      image: controlPlaneImages(input).kubeScheduler,
      command: ['kube-scheduler', ...commandArguments(toArguments(defaults), extraArgs)],
      livenessProbe: livenessProbe(probed, probes.liveness),
      ...readiness(probed, probes.readiness),
      startupProbe: startupProbe(probed, probes.startup, input.healthCheckTimeout),
      resources: { requests: { cpu: '100m' } },
      volumeMounts,
    },
    port: ports.scheduler,
    environment: mergeEnvironment(facts.proxyEnvironment, extraEnvs),
    volumes,
  });
}
