/** What mends a finding, as data. Each command words it for its user. */
import { manifestPath } from '../names.ts';

export type Remedy =
  /** The arguments, patches or variables of a component are wrong. */
  | { readonly kind: 'arguments'; readonly component: string; readonly flag?: string }
  | { readonly kind: 'kubelet-arguments' }
  | { readonly kind: 'kubelet-configuration'; readonly field?: string }
  | { readonly kind: 'image'; readonly image: string; readonly never: boolean }
  | { readonly kind: 'sandbox-image'; readonly image: string }
  /** An argument names a file that no volume mounts, or that this machine does not have. */
  | {
      readonly kind: 'missing-file';
      readonly component: string;
      readonly path: string;
      readonly exists: boolean;
    }
  | { readonly kind: 'advertise-address'; readonly component: string }
  /** The names of `kubeadm certs renew`. */
  | { readonly kind: 'renew-certificates'; readonly names: readonly string[] }
  | { readonly kind: 'replace-authority'; readonly path: string }
  /** A limit of the kernel is reached. */
  | { readonly kind: 'kernel-limit'; readonly sysctl: string }
  /** Its last messages name the fault, and kubeadm does not know more. */
  | { readonly kind: 'named-fault'; readonly component: string }
  /** A sentence with an imperative, without a period, and the commands that do it. */
  | { readonly kind: 'steps'; readonly text: string; readonly commands: readonly string[] };

/** The command that words a remedy. `doctor` looks at a machine that no command changes now. */
export type Wording = 'init' | 'join' | 'upgrade' | 'doctor';

export interface WordedRemedy {
  /** One sentence or more. */
  readonly text: string;
  /** Commands for a shell, in order. */
  readonly commands: readonly string[];
}

const fields: Readonly<Record<string, string>> = {
  etcd: 'etcd.local.extraArgs',
  'kube-apiserver': 'apiServer.extraArgs',
  'kube-controller-manager': 'controllerManager.extraArgs',
  'kube-scheduler': 'scheduler.extraArgs',
};

/** Words a remedy for the user of a command. */
export function wordRemedy(remedy: Remedy, wording: Wording): WordedRemedy {
  const { commands, text } = words(remedy, wording);
  return { text: wording === 'doctor' ? `${text}.` : `${text}, ${goOn(remedy, wording)}`, commands };
}

/** The next try writes manifests and kubelet files again, and keeps the certificates and kubeconfigs. */
function goOn(remedy: Remedy, wording: Exclude<Wording, 'doctor'>): string {
  if (remedy.kind === 'advertise-address' && wording !== 'upgrade') {
    return `run \`kubeadm reset\`, because the certificates hold the old address, and then run \`kubeadm ${wording}\` again.`;
  }
  return 'then run the same command again.';
}

function words(remedy: Remedy, wording: Wording): WordedRemedy {
  const runs = wording === 'doctor';
  switch (remedy.kind) {
    case 'arguments':
      return { text: correctArguments(remedy.component, wording), commands: [] };
    case 'kubelet-arguments':
      return runs
        ? {
            text: 'Correct the arguments of the kubelet in /var/lib/kubelet/kubeadm-flags.env or /etc/default/kubelet',
            commands: ['systemctl restart kubelet'],
          }
        : {
            text: 'Correct nodeRegistration.kubeletExtraArgs, or KUBELET_EXTRA_ARGS in /etc/default/kubelet (kubeadm wrote /var/lib/kubelet/kubeadm-flags.env; `journalctl -xeu kubelet` shows its whole output)',
            commands: [],
          };
    case 'kubelet-configuration': {
      const what = remedy.field === undefined ? '' : `${remedy.field} in `;
      return runs
        ? { text: `Correct ${what}/var/lib/kubelet/config.yaml`, commands: ['systemctl restart kubelet'] }
        : {
            text: `Correct ${what}the KubeletConfiguration or its patch (kubeadm wrote /var/lib/kubelet/config.yaml; \`journalctl -xeu kubelet\` shows its whole output)`,
            commands: [],
          };
    }
    case 'image':
      return image(remedy.image, remedy.never, runs);
    case 'sandbox-image':
      return {
        text: `Put ${remedy.image} on this node (\`kubeadm config images pull\`), or name an existing one in the runtime's configuration (containerd: pinned_images.sandbox, before 2.0 sandbox_image) and restart it`,
        commands: ['kubeadm config images pull'],
      };
    case 'missing-file':
      return missingFile(remedy, wording);
    case 'advertise-address':
      return {
        text: `The address is not an address of this machine. If it is localAPIEndpoint.advertiseAddress, correct it; if it comes from an argument of ${remedy.component}, correct the argument`,
        commands: [],
      };
    case 'renew-certificates':
      return {
        text: 'Renew the certificates of this node, and let the components use them',
        commands: ['kubeadm certs renew all --restart'],
      };
    case 'replace-authority':
      return {
        text: `Put a certificate authority that is valid now into ${remedy.path}, and remove the certificates that the old one signed`,
        commands: [],
      };
    case 'kernel-limit':
      return {
        text: `Raise ${remedy.sysctl}, and set it in /etc/sysctl.d so that it lasts`,
        commands: [
          `sysctl ${remedy.sysctl}`,
          `sysctl -w ${remedy.sysctl}=${raised[remedy.sysctl] ?? 'VALUE'}`,
        ],
      };
    case 'named-fault':
      if (remedy.component in addonKinds) return addonFault(remedy.component);
      return {
        text: `Correct the fault that the last messages of ${remedy.component} name${manifestOf(remedy.component)}`,
        commands: [],
      };
    case 'steps':
      return { text: remedy.text, commands: remedy.commands };
  }
}

/** Values that the documents of kind and of other tools recommend. */
const raised: Readonly<Record<string, number>> = {
  'fs.inotify.max_user_instances': 512,
  'fs.inotify.max_user_watches': 524_288,
};

/** The addons of kubeadm, by the names of their containers, with the kind of their workload. */
const addonKinds: Readonly<Record<string, string>> = { coredns: 'deployment', 'kube-proxy': 'daemonset' };

function addonFault(name: string): WordedRemedy {
  const kubectl = 'kubectl -n kube-system';
  return {
    text: `Correct the fault that the last messages of ${name} name, in its ConfigMap ${name} or in its ${addonKinds[name]}, and start its Pods again`,
    commands: [`${kubectl} edit configmap ${name}`, `${kubectl} rollout restart ${addonKinds[name]} ${name}`],
  };
}

function manifestOf(component: string): string {
  return component in fields ? ` (its manifest is ${manifestPath(component)})` : '';
}

function correctArguments(component: string, wording: Wording): string {
  const field = fields[component];
  if (field === undefined) return 'Correct its arguments';
  switch (wording) {
    case 'doctor':
      return `Correct the argument in ${manifestPath(component)}, and in ${field} of the ConfigMap kubeadm-config for later upgrades`;
    case 'upgrade':
      return `Correct ${field} in the ConfigMap kubeadm-config (\`kubectl -n kube-system edit configmap kubeadm-config\`), or the patch that sets it`;
    default:
      return `Correct ${field} of ClusterConfiguration, or the patch that sets it (kubeadm wrote ${manifestPath(component)})`;
  }
}

function image(name: string, never: boolean, runs: boolean): WordedRemedy {
  if (never) {
    return {
      text: `Put the image on this node, or let it be pulled (imagePullPolicy in a patch)`,
      commands: [],
    };
  }
  return runs
    ? {
        text: "Correct the image's name in the manifest, give the node access to the registry, or put the image on the node",
        commands: [`crictl pull ${name}`],
      }
    : {
        text: "Correct the image's name (imageRepository, a patch, etcd.local.imageTag), give the node access to the registry, or put the image on this node beforehand (`kubeadm config images pull`)",
        commands: [],
      };
}

function missingFile(
  { component, exists, path }: Extract<Remedy, { kind: 'missing-file' }>,
  wording: Wording,
): WordedRemedy {
  const field = fields[component]?.replace('extraArgs', 'extraVolumes');
  const volumes =
    wording === 'doctor'
      ? `volumes of ${manifestPath(component)}`
      : `${field} of ${wording === 'upgrade' ? 'the ConfigMap kubeadm-config' : 'ClusterConfiguration'}`;
  const text = exists
    ? `Mount ${path} into the container with the ${volumes}`
    : `Create ${path} on this machine and mount it with the ${volumes}, or correct the argument that names it`;
  return { text, commands: [] };
}
