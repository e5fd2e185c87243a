import type { KubeadmEvent } from '../../events.ts';
import { formatDuration } from '../../lib/go/duration.ts';
import { dryRunText } from './dry-run-text.ts';
import { joinedText } from './joined-text.ts';
import { foundText, proofText, removedText } from './leftovers-text.ts';
import type { Rendered } from './output.ts';
import { timelineLines } from './timeline-text.ts';

/**
 * The wording of every event. Lines that scripts read keep upstream's text; all others are our own.
 * An event that has nothing to say at this verbosity gives undefined.
 */
export function renderText(event: KubeadmEvent, verbosity: number): Rendered | undefined {
  const text = progressText(event) ?? dryRunText(event);
  if (text !== undefined) return { stream: 'stdout', text: `${text}\n` };
  const detail = detailText(event, verbosity);
  if (detail !== undefined)
    return { stream: 'stderr', text: detail.map((line) => `detail: ${line}\n`).join('') };
  switch (event.type) {
    case 'output':
      return { stream: 'stdout', text: event.text };
    case 'certificate-key':
      return { stream: 'stdout', text: `[upload-certs] Using certificate key:\n${event.key}\n` };
    case 'control-plane-initialized':
      return { stream: 'stdout', text: event.text };
    case 'node-joined':
      return { stream: 'stdout', text: joinedText(event) };
    case 'preflight-finding':
      return {
        stream: 'stderr',
        text: `\t[${event.level === 'error' ? 'ERROR' : 'WARNING'} ${event.check}]: ${event.message}\n`,
      };
    case 'warning':
      return { stream: 'stderr', text: `warning: ${withTopic(event)}\n` };
    case 'flag-deprecated':
      return { stream: 'stderr', text: `${event.message}\n` };
    default:
      return undefined;
  }
}

/** Lines for those who want to know more, from a verbosity on. */
function detailText(event: KubeadmEvent, verbosity: number): readonly string[] | undefined {
  if (verbosity < 1) return undefined;
  switch (event.type) {
    case 'detail':
      return verbosity >= event.verbosity ? [withTopic(event)] : undefined;
    case 'phase-started':
      return verbosity >= 2 ? [`phase ${event.phase} begins`] : undefined;
    case 'phase-finished':
      return [`phase ${event.phase} took ${seconds(event.milliseconds)}`];
    case 'timeline':
      return timelineLines(event);
    case 'would-write':
      return event.content === undefined && event.copy !== undefined
        ? [`[dryrun] Would write file "${event.path}", here "${event.copy}"`]
        : undefined;
    case 'image-pulling':
      return [`[preflight] Pulling ${event.image}`];
    case 'image-pulled':
      return event.present ? [`[preflight] Image ${event.image} is already present`] : undefined;
    case 'kubelet-stopping':
      return ['[kubelet-start] Stopping the kubelet'];
    case 'object-applied':
      return [
        `[api] ${event.kind} ${event.namespace ?? ''}${event.namespace ? '/' : ''}${event.name} is in place`,
      ];
    default:
      return undefined;
  }
}

/** One-line progress on stdout: `[phase] …`. */
function progressText(event: KubeadmEvent): string | undefined {
  switch (event.type) {
    case 'progress':
      return `[${event.topic}] ${event.message}`;
    case 'waiting':
      return `[${event.topic}] Waiting for ${event.for} (up to ${formatDuration(event.timeoutMs)})`;
    case 'waited':
      return `[${event.topic}] Waited ${seconds(event.milliseconds)} for ${event.for}`;
    case 'kubernetes-version':
      return `[init] Using Kubernetes version: ${event.version}`;
    case 'preflight-running':
      return '[preflight] Running pre-flight checks';
    case 'images-pulling':
      return `[preflight] Making sure that ${event.count} images are on this machine`;
    case 'image-pulled':
      return event.present
        ? undefined
        : `[preflight] Pulled ${event.image} in ${seconds(event.milliseconds)}`;
    case 'certificates-directory':
      return `[certs] Using certificateDir folder "${event.directory}"`;
    case 'certificate-generated':
      return event.key === 'sa'
        ? `[certs] Generating "${event.name}" key and public key`
        : `[certs] Generating "${event.name}" certificate and key`;
    case 'certificate-signed-for':
      return `[certs] ${event.name} serving cert is signed for DNS names [${event.dns.join(' ')}] and IPs [${event.ips.join(' ')}]`;
    case 'certificate-existing':
      return `[certs] ${existing[event.kind](event.name)}`;
    case 'certificate-skipped':
      return event.reason === 'external-etcd'
        ? `[certs] etcd is external: no "${event.name}" certificate is made here`
        : `[certs] The CA is external: no "${event.name}" is made here`;
    case 'kubeconfig-directory':
      return `[kubeconfig] Using kubeconfig folder "${event.directory}"`;
    case 'kubeconfig-written':
      return `[kubeconfig] Writing "${event.file}" kubeconfig file`;
    case 'kubeconfig-existing':
      return `[kubeconfig] Using existing kubeconfig file: "${event.path}"`;
    case 'kubeconfig-skipped':
      return `[kubeconfig] The CA is external: "${event.file}" is expected to be there and is left alone`;
    case 'manifests-directory':
      return `[control-plane] Using manifest folder "${event.directory}"`;
    case 'manifest-written':
      return event.component === 'etcd'
        ? `[etcd] Creating static Pod manifest for local etcd in "${event.directory}"`
        : `[control-plane] Creating static Pod manifest for "${event.component}"`;
    case 'patch-applied':
      return `[patches] Applied patch of type "${event.contentType}" to target "${event.target}"`;
    case 'patch-ignored':
      return `[patches] Ignoring ${event.file}: ${ignored[event.reason]}`;
    case 'kubelet-file-written':
      return event.kind === 'environment'
        ? `[kubelet-start] Writing kubelet environment file with flags to file "${event.file}"`
        : `[kubelet-start] Writing kubelet configuration to file "${event.file}"`;
    case 'kubelet-unmanaged':
      return `[kubelet-start] ${unmanaged(event)}`;
    case 'kubelet-starting':
      return '[kubelet-start] Starting the kubelet';
    case 'kubelet-restarted':
      return '[kubelet-start] Restarted the kubelet, so that it asks for its client certificate at once';
    case 'component-checking':
      return `[control-plane-check] Checking ${event.component} at ${event.url}`;
    case 'component-healthy':
      return `[control-plane-check] ${event.component} is healthy after ${seconds(event.milliseconds)}`;
    case 'component-unhealthy':
      return `[control-plane-check] ${event.component} is not healthy after ${seconds(event.milliseconds)}: ${event.reason}`;
    case 'cluster-configuration-reading':
      return [
        `[${event.topic}] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...`,
        `[${event.topic}] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.`,
      ].join('\n');
    case 'bootstrap-token-in-use':
      return `[bootstrap-token] Using token: ${event.id}.<secret>`;
    case 'kubelet-service-stopping':
      return '[reset] Stopping the kubelet service';
    case 'directory-unmounting':
      return `[reset] Unmounting mounted directories in "${event.directory}"`;
    case 'contents-deleting':
      return `[reset] Deleting contents of directories: [${event.directories.join(' ')}]`;
    case 'files-deleting':
      return `[reset] Deleting files: [${event.files.join(' ')}]`;
    case 'etcd-data-deleted':
      return `[reset] Deleted contents of the etcd data directory: ${event.directory}`;
    case 'etcd-health-checking':
      return '[check-etcd] Checking that the etcd cluster is healthy';
    case 'etcd-member-joining':
      return `[etcd] Waiting for the new etcd member to join the cluster. This can take up to ${formatDuration(event.timeoutMs)}`;
    case 'etcd-member-added':
      return '[etcd] Announced new etcd member joining to the existing etcd cluster';
    case 'etcd-member-kept':
      return `[etcd] The etcd cluster already has the member ${event.id} at ${event.peerURL}, and this run continues with it`;
    case 'etcd-member-restarted':
      return `[etcd] Restarted the member ${event.id}, so that it takes requests of clients sooner`;
    case 'etcd-member-promoted':
      return `[etcd] Member ${event.id} is in step with the leader and votes`;
    case 'etcd-member-removed':
      return `[etcd] Removed the member ${event.id} at ${event.peerURL} again, because it did not get to vote`;
    case 'certificates-complete':
      return `[certs] Valid certificates and keys now exist in "${event.directory}"`;
    case 'leftovers-found':
      return foundText(event);
    case 'leftovers-removed':
      return removedText(event);
    case 'reset-proof':
      return proofText(event);
    case 'certificate-renewed':
      return `[upgrade/staticpods] Renewing ${event.name} certificate`;
    case 'certificate-not-renewed':
      return `[upgrade/staticpods] External CA detected, ${event.name} certificate can't be renewed`;
    case 'static-pod-restarting':
      return `[renew] Restarting ${event.component}, which reads its certificate only when it starts`;
    case 'certificates-taken-up':
      return `[renew] ${event.component} ${event.restarted ? 'runs' : 'works without a restart'} with the new certificates after ${seconds(event.milliseconds)}`;
    case 'certificates-put-back':
      return `[renew] ${event.component} runs with its earlier certificates again after ${seconds(event.milliseconds)}`;
    case 'static-pod-unchanged':
      return `[upgrade/staticpods] The manifest of ${event.component} does not change: its upgrade is skipped`;
    case 'static-pod-swapping':
      return `[upgrade/staticpods] Replacing the manifest of ${event.component}; the earlier one is in "${event.backup}"`;
    case 'static-pod-swapped':
      return `[upgrade/staticpods] ${event.component} runs with the new manifest after ${seconds(event.milliseconds)}`;
    case 'static-pods-put-back':
      return `[upgrade/staticpods] ${event.components.join(', ') || 'nothing'} put back after ${seconds(event.milliseconds)}`;
    case 'etcd-backed-up':
      return `[upgrade/etcd] Backed up the data of etcd from "${event.from}" to "${event.to}" in ${seconds(event.milliseconds)}`;
    case 'addon-applied':
      return `[addons] Applied essential addon: ${event.addon}`;
    default:
      return undefined;
  }
}

function withTopic({ topic, message }: { readonly topic?: string; readonly message: string }): string {
  return topic === undefined ? message : `[${topic}] ${message}`;
}

const existing = {
  ca: (name: string) => `Using existing ${name} certificate authority`,
  'keyless-ca': (name: string) => `Using existing ${name} keyless certificate authority`,
  leaf: (name: string) => `Using existing ${name} certificate and key on disk`,
  sa: (name: string) => `Using the existing "${name}" key`,
} as const;

function unmanaged({ action, reason }: Extract<KubeadmEvent, { type: 'kubelet-unmanaged' }>): string {
  if (reason === 'failed') return 'Please make sure that the kubelet is reloaded and runs';
  const cause =
    reason === 'no-init-system' ? 'No supported init system was found' : 'There is no service "kubelet"';
  const consequence =
    action === 'stop' ? 'it is not stopped while its files are written' : 'make sure that the kubelet runs';
  return `${cause}: ${consequence}`;
}

const ignored = {
  extension: 'its extension is neither .json nor .yaml',
  target: 'its name does not begin with a known target',
  empty: 'it is empty',
} as const;

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 1000 ? 3 : 1)}s`;
}
