/** Which names a release of CoreDNS knows, and which releases lie between two of them. */
import { KubeadmError } from '../../errors.ts';
import {
  corednsVersions,
  type KnownName,
  type KnownOption,
  type KnownPlugin,
  knownPlugins,
  type Releases,
  type Status,
} from './known-plugins.ts';

/**
 * The releases after `from` up to `to`, oldest first. It is empty if both are the same.
 *
 * @param from a release without a leading v
 * @throws KubeadmError `refused` if the table does not have one of them, or if `to` is older
 */
export function stepsBetween(from: string, to: string): readonly string[] {
  const start = corednsVersions.indexOf(from);
  const end = corednsVersions.indexOf(to);
  if (start < 0) {
    throw new KubeadmError(
      'refused',
      `start version '${from}' not supported: no rules exist for this CoreDNS`,
    );
  }
  if (from !== to && end <= start) {
    throw new KubeadmError('refused', `cannot migrate up to '${to}' from '${from}' of CoreDNS`);
  }
  return corednsVersions.slice(start + 1, end + 1);
}

/** Returns undefined if the release does not know the plugin. */
export function knownPlugin(name: string, version: string): KnownPlugin | undefined {
  const plugin = Object.hasOwn(knownPlugins, name) ? knownPlugins[name] : undefined;
  return plugin !== undefined && isKnown(plugin, version) ? plugin : undefined;
}

/** Returns undefined if the release does not know the option. */
export function knownOption(plugin: KnownPlugin, name: string, version: string): KnownOption | undefined {
  const option = Object.hasOwn(plugin.options, name) ? plugin.options[name] : undefined;
  if (option !== undefined && isKnown(option, version)) return option;
  return plugin.patterns?.some((pattern) => pattern.test(name)) ? {} : undefined;
}

export function statusIn({ statuses = [] }: KnownName, version: string): Status | undefined {
  return statuses.find((status) => isIn(status, version))?.status;
}

function isKnown({ known }: KnownName, version: string): boolean {
  return known === undefined || known.some((releases) => isIn(releases, version));
}

export function isIn({ from, to }: Releases, version: string): boolean {
  const order = corednsVersions.indexOf(version);
  return (
    (from === undefined || corednsVersions.indexOf(from) <= order) &&
    (to === undefined || order <= corednsVersions.indexOf(to))
  );
}
