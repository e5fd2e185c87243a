/** What must be the same when a run is taken up again, as paths and values that can be compared and shown. */
import type { InitFamilyConfig } from '../config/hub.ts';
import { clusterDocument, initDocument } from '../config/write.ts';
import { isRecord } from '../lib/is-record.ts';

/** Path of a field (`ClusterConfiguration.networking.podSubnet`) -> its value as JSON. */
export type Settings = Readonly<Record<string, string>>;

export interface SettingsChange {
  readonly path: string;
  /** JSON, or words for what is secret; undefined: not set. */
  readonly before: string | undefined;
  readonly now: string | undefined;
}

/**
 * Fields of an InitConfiguration that say how a run goes and not what it makes, or that each try applies anew:
 * they may change. The certificate key is compared as the one in force.
 */
const free = ['certificateKey', 'dryRun', 'patches', 'skipPhases', 'timeouts'];
const freeOfNode = ['ignorePreflightErrors', 'imagePullPolicy', 'imagePullSerial'];

export function settingsOf(
  config: InitFamilyConfig,
  options: { readonly uploadCerts: boolean; readonly certificateKey: string },
): Settings {
  const init = without(initDocument(config.init), free);
  const nodeRegistration = without(init.nodeRegistration, freeOfNode);
  const all = {
    ClusterConfiguration: clusterDocument(config.cluster),
    InitConfiguration: { ...init, nodeRegistration, certificateKey: options.certificateKey },
    KubeletConfiguration: config.kubelet.data,
    KubeProxyConfiguration: config.kubeProxy.data,
    '--upload-certs': options.uploadCerts,
  };
  return Object.fromEntries(leaves(all, ''));
}

/** The fields that differ, in the order of their paths. Secrets are never shown. */
export function changedSettings(before: Settings, now: Settings): readonly SettingsChange[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return paths
    .filter((path) => before[path] !== now[path])
    .map((path) => {
      const shown = (value: string | undefined, words: string): string | undefined =>
        value !== undefined && isSecret(path) ? words : value;
      return { path, before: shown(before[path], '(secret)'), now: shown(now[path], '(another secret)') };
    });
}

/** `path: before -> now`. */
export function describeChange({ before, now, path }: SettingsChange): string {
  return `${path}: ${before ?? 'not set'} -> ${now ?? 'not set'}`;
}

/** Variables of a component and headers of a request may well hold a password. */
function isSecret(path: string): boolean {
  return /\.(token|certificateKey)$|\.extraEnvs\[\d+\]\.value$|\.staticPodURLHeader\./.test(path);
}

function without(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter(([name]) => !names.includes(name)));
}

function leaves(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item, `${path}[${index}]`));
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([name, inner]) =>
      leaves(inner, path === '' ? name : `${path}.${name}`),
    );
  }
  if (value === undefined || value === null) return [];
  return [[path, typeof value === 'bigint' ? String(value) : JSON.stringify(value)]];
}
