/** Finds failures in the kubelet's journal, in the wording of kubelet 1.31 to 1.36. */
import { redact } from '../../lib/redact.ts';
import type { NodeFailure, PodFailure, PullFailure, SandboxFailure } from '../facts.ts';
import { innermost } from '../logs/innermost.ts';
import { type KlogLine, parseKlog } from '../logs/klog.ts';

export interface JournalFailures {
  readonly pulls: readonly PullFailure[];
  readonly sandboxes: readonly SandboxFailure[];
  readonly podFailures: readonly PodFailure[];
  /** Those since the kubelet last registered its Node. */
  readonly nodeFailures: readonly NodeFailure[];
  /** Whether the kubelet has registered its Node, so that all failures in earlier lines are healed. */
  readonly isRegistered: boolean;
}

interface Found {
  /** The failures with manifests, by the paths of these. */
  readonly manifests: Map<string, { readonly failure: PodFailure; readonly time: number }>;
  readonly pulls: PullFailure[];
  /** The errors of Pods that wait for an image, with the UIDs of the Pods. */
  readonly waiting: { readonly uid: string; readonly error: string }[];
  readonly sandboxes: SandboxFailure[];
  readonly podFailures: PodFailure[];
  nodeFailures: NodeFailure[];
  isRegistered: boolean;
}

const waitsForImage = /with (?:ErrImagePull|ImagePullBackOff|ErrImageNeverPull)\b/;

/** The kubelet repeats its failure with a manifest every 20 s, until the file is correct. */
const manifestRepeatMs = 30_000;

/** Returns whether it knows the line. */
type Reader = (line: KlogLine, at: number, found: Found) => boolean;

/** Other readers have these, or they only repeat that a container ended. */
const knownElsewhere =
  /with (?:CrashLoopBackOff|ErrImagePull|ImagePullBackOff|ErrImageNeverPull|CreatePodSandboxError|KillPodSandboxError|KillContainerError)\b|context canceled/i;

const readers: readonly Reader[] = [
  // kuberuntime: remote_image.go
  ({ message, fields: { err = '', image } }, at, { pulls }) => {
    if (message !== 'PullImage from image service failed' || image === undefined) return false;
    pulls.push({ image, message: plain(err), never: false, at });
    return true;
  },
  // kuberuntime_sandbox.go
  ({ message, fields: { err = '', pod } }, at, { sandboxes }) => {
    if (message !== 'Failed to create sandbox for pod' || pod === undefined) return false;
    sandboxes.push({ pod, message: plain(err), at });
    return true;
  },
  ({ message, fields: { err = '', pod } }, at, { podFailures }) => {
    if (!/^Failed to (?:generate sandbox config|create log directory) for pod$/.test(message)) return false;
    if (pod !== undefined) podFailures.push({ pod, message: plain(err), at });
    return true;
  },
  ({ fields: { err = '', podUID } }, at, { pulls, waiting }) => {
    if (!err.includes('ErrImageNeverPull')) return false;
    if (podUID !== undefined) waiting.push({ uid: podUID, error: err });
    const image = /Container image \\*"([^"\\]+)\\*" is not present/.exec(err)?.[1];
    if (image !== undefined) pulls.push({ image, message: 'its imagePullPolicy is Never', never: true, at });
    return true;
  },
  // pod_workers.go
  ({ message, fields: { err = '', pod, podUID } }, at, { podFailures, waiting }) => {
    if (message !== 'Error syncing pod, skipping') return false;
    if (podUID !== undefined && waitsForImage.test(err)) waiting.push({ uid: podUID, error: err });
    if (pod !== undefined && !knownElsewhere.test(err)) podFailures.push({ pod, message: plain(err), at });
    return true;
  },
  // allocation/allocation_manager.go; the kubelet does not try such a Pod again
  ({ fields, message }, at, { podFailures }) => {
    if (message !== 'Pod admission denied') return false;
    const { pod, reason = '', message: why = '' } = fields;
    if (pod !== undefined)
      podFailures.push({ pod, message: redact(`admission denied (${reason}): ${why}`), at });
    return true;
  },
  // volume/util/nestedpendingoperations
  ({ message }, at, { podFailures }) => {
    const [, volume, pod, error] =
      /MountVolume\.SetUp failed for volume \\?"([^"\\]+)\\?".*? pod \\?"([^"\\]+)\\?".*?\) ?: (.*)$/.exec(
        message,
      ) ?? [];
    if (volume === undefined || pod === undefined || error === undefined) return false;
    podFailures.push({ pod: `kube-system/${pod}`, message: `volume ${volume}: ${redact(error)}`, at });
    return true;
  },
  // config/file.go
  ({ message, fields: { err = '', path }, time }, at, { manifests }) => {
    if (message !== 'Could not process manifest file' || path === undefined) return false;
    manifests.set(path, { failure: { pod: path, message: redact(err), at }, time });
    return true;
  },
  // kubelet_node_status.go
  ({ message }, _, found) => {
    if (message !== 'Successfully registered node') return false;
    found.nodeFailures = found.nodeFailures.filter(({ kind }) => kind !== 'register');
    found.isRegistered = true;
    return true;
  },
  ({ message, fields: { err = '' } }, at, { nodeFailures }) => {
    if (!message.startsWith('Unable to register node with API server')) return false;
    nodeFailures.push({ kind: 'register', message: plain(err), at });
    return true;
  },
  // cmd/kubelet/app/server.go
  ({ message, fields: { err = '' } }, at, { nodeFailures }) => {
    if (message !== 'Failed to start healthz server') return false;
    nodeFailures.push({ kind: 'health-port', message: plain(err), at });
    return true;
  },
  // eviction_manager.go
  ({ message, fields: { resourceName } }, at, { nodeFailures }) => {
    if (message !== 'Eviction manager: must evict pod(s) to reclaim') return false;
    nodeFailures.push({ kind: 'disk-pressure', message: resourceName ?? '', at });
    return true;
  },
];

/** `lines` are the oldest first. `at` is their time in milliseconds since the wait began. */
export function journalFailures(lines: readonly string[], at: number): JournalFailures {
  const found: Found = {
    pulls: [],
    waiting: [],
    manifests: new Map(),
    sandboxes: [],
    podFailures: [],
    nodeFailures: [],
    isRegistered: false,
  };
  let newest = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    const parsed = parseKlog(line);
    if (parsed === undefined) continue;
    newest = Math.max(newest, parsed.time);
    readers.some((read) => read(parsed, at, found));
  }
  const { manifests, waiting, pulls, ...failures } = found;
  const unread = [...manifests.values()].filter(({ time }) => newest - time <= manifestRepeatMs);
  const podsOf = (image: string): readonly string[] => [
    ...new Set(waiting.filter(({ error }) => error.includes(image)).map(({ uid }) => uid)),
  ];
  return {
    ...failures,
    podFailures: [...failures.podFailures, ...unread.map(({ failure }) => failure)],
    pulls: pulls.map((pull) => {
      const pods = podsOf(pull.image);
      return pods.length === 0 ? pull : { ...pull, pods };
    }),
  };
}

function plain(error: string): string {
  return redact(innermost(error));
}
