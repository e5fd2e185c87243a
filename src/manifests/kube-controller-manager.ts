/** The kube-controller-manager static Pod. Source: cmd/kubeadm/app/phases/controlplane/manifests.go. */
import { controlPlaneImages } from '../images.ts';
import { commandArguments, lastArgument, toArguments } from '../lib/arguments.ts';
import { joinPath } from '../lib/join-path.ts';
import { controllerManagerConf, kubernetesDir, ports } from '../names.ts';
import type { Pod } from './pod.ts';
import { livenessProbe, probeHost, readiness, startupProbe } from './probes.ts';
import { type ManifestInput, mergeEnvironment, staticPod } from './static-pod.ts';
import { certificatePaths, hostPath, sortedVolumes, withExtraVolumes } from './volumes.ts';

/** This path does not depend on --kubeconfig-dir. */
const kubeconfig = `${kubernetesDir}/${controllerManagerConf}`;

export function kubeControllerManagerPod(input: ManifestInput): Pod {
  const { cluster, facts, release } = input;
  const { probes } = release.manifests['kube-controller-manager'];
  const { extraArgs, extraEnvs, extraVolumes } = cluster.controllerManager;
  const probed = {
    host: probeHost(lastArgument(extraArgs, 'bind-address') ?? '127.0.0.1'),
    scheme: 'HTTPS',
  } as const;
  const paths = [
    ...certificatePaths(cluster.certificatesDir, facts.caDirectories),
    hostPath('kubeconfig', kubeconfig, { type: 'FileOrCreate' }),
  ];
  const { volumes, volumeMounts } = sortedVolumes(withExtraVolumes(paths, extraVolumes));
  return staticPod({
    name: 'kube-controller-manager',
    container: {
      image: controlPlaneImages(input).kubeControllerManager,
      command: kubeControllerManagerCommand(input),
      livenessProbe: livenessProbe(probed, probes.liveness),
      ...readiness(probed, probes.readiness),
      startupProbe: startupProbe(probed, probes.startup, input.healthCheckTimeout),
      resources: { requests: { cpu: '200m' } },
      volumeMounts,
    },
    port: ports.controllerManager,
    environment: mergeEnvironment(facts.proxyEnvironment, extraEnvs),
    volumes,
  });
}

function kubeControllerManagerCommand({ cluster, externalCA, release }: ManifestInput): readonly string[] {
  const { clusterName, controllerManager, networking } = cluster;
  const inCertificates = (file: string) => joinPath(cluster.certificatesDir, file);
  const defaults: Record<string, string> = {
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    kubeconfig,
    'bind-address': '127.0.0.1',
    'client-ca-file': inCertificates('ca.crt'),
    // Nothing can be signed without the key of the CA. Empty values switch the signing controllers off.
    'cluster-signing-cert-file': externalCA ? '' : inCertificates('ca.crt'),
    'cluster-signing-key-file': externalCA ? '' : inCertificates('ca.key'),
    controllers: '*,bootstrapsigner,tokencleaner',
    'leader-elect': 'true',
    'requestheader-client-ca-file': inCertificates('front-proxy-ca.crt'),
    'root-ca-file': inCertificates('ca.crt'),
    'service-account-private-key-file': inCertificates('sa.key'),
    'use-service-account-credentials': 'true',
    ...(clusterName === '' ? {} : { 'cluster-name': clusterName }),
    ...release.manifests['kube-controller-manager'].flags,
  };
  if (networking.podSubnet !== '') {
    defaults['allocate-node-cidrs'] = 'true';
    defaults['cluster-cidr'] = networking.podSubnet;
    if (networking.serviceSubnet !== '') defaults['service-cluster-ip-range'] = networking.serviceSubnet;
  }
  return ['kube-controller-manager', ...commandArguments(toArguments(defaults), controllerManager.extraArgs)];
}
