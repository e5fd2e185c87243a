/**
 * What an update of CoreDNS means for the plugins and options of a Corefile. Source: github.com/coredns/corefile-migration
 * v1.0.31, migration/{migrate,notice}.go.
 */
import type { Plugin, ServerBlock } from './corefile.ts';
import { parseCorefile } from './corefile.ts';
import { type KnownPlugin, knownPlugins, type Status } from './known-plugins.ts';
import { knownOption, knownPlugin, statusIn, stepsBetween } from './releases.ts';

export interface Notice {
  readonly plugin: string;
  /** Undefined if the notice is about the plugin itself. */
  readonly option?: string;
  readonly severity: Status | 'unsupported';
  /** The release of CoreDNS that the notice is about. */
  readonly version: string;
  readonly replacedBy?: string;
}

/**
 * The plugins and options that were deprecated, ignored, removed or added to the default Corefile between two releases.
 *
 * @throws KubeadmError `refused` for releases that the rules do not cover
 */
export function changesOf(from: string, to: string, corefile: string): readonly Notice[] {
  return eachBlock({ from, to, corefile }, (block, version) => [
    ...block.plugins.flatMap((plugin) => pluginChanges(plugin, version)),
    ...newDefaults(knownPlugins, block.plugins, version).map(
      (plugin): Notice => ({ plugin, severity: 'newdefault', version }),
    ),
  ]);
}

/**
 * The plugins and options that the rules of a migration do not know, once for each release. CoreDNS may know them.
 *
 * @throws KubeadmError `refused` for releases that the rules do not cover
 */
export function unknownNames(from: string, to: string, corefile: string): readonly Notice[] {
  return eachBlock({ from, to, corefile }, ({ plugins }, version) =>
    plugins.flatMap(({ name, options }): readonly Notice[] => {
      const known = knownPlugin(name, version);
      if (known === undefined) return [{ plugin: name, severity: 'unsupported', version }];
      return options
        .filter((option) => knownOption(known, option.name, version) === undefined)
        .map((option) => ({ plugin: name, option: option.name, severity: 'unsupported', version }));
    }),
  );
}

function eachBlock(
  { corefile, from, to }: { readonly from: string; readonly to: string; readonly corefile: string },
  noticesOf: (block: ServerBlock, version: string) => readonly Notice[],
): readonly Notice[] {
  const steps = stepsBetween(from, to);
  if (steps.length === 0) return [];
  const { servers } = parseCorefile(corefile);
  return steps.flatMap((version) => servers.flatMap((block) => noticesOf(block, version)));
}

/** A changed plugin has no notices about its options. */
function pluginChanges(plugin: Plugin, version: string): readonly Notice[] {
  const known = knownPlugin(plugin.name, version);
  if (known === undefined) return [];
  const severity = statusIn(known, version);
  if (severity !== undefined && severity !== 'newdefault') {
    const replacedBy = known.replacedBy === undefined ? {} : { replacedBy: known.replacedBy };
    return [{ plugin: plugin.name, severity, version, ...replacedBy }];
  }
  return optionChanges(plugin, known, version);
}

function optionChanges({ name, options }: Plugin, known: KnownPlugin, version: string): readonly Notice[] {
  const changed = options.flatMap(({ name: option }): readonly Notice[] => {
    const severity = statusIn(knownOption(known, option, version) ?? {}, version);
    if (severity === undefined || severity === 'newdefault') return [];
    return [{ plugin: name, option, severity, version }];
  });
  const added = newDefaults(known.options, options, version).map(
    (option): Notice => ({ plugin: name, option, severity: 'newdefault', version }),
  );
  return [...changed, ...added];
}

/** The names that became defaults in a release and are not among the present ones. */
export function newDefaults(
  table: Readonly<Record<string, KnownPlugin | KnownPlugin['options'][string]>>,
  present: readonly { readonly name: string }[],
  version: string,
): readonly string[] {
  return Object.entries(table)
    .filter(([, known]) => statusIn(known, version) === 'newdefault')
    .map(([name]) => name)
    .filter((name) => present.every((one) => one.name !== name));
}

/** Writes a notice as a sentence. */
export function describeNotice({ option, plugin, replacedBy, severity, version }: Notice): string {
  const subject =
    option === undefined ? `the plugin "${plugin}"` : `the option "${option}" of the plugin "${plugin}"`;
  const replacement = replacedBy === undefined ? '' : `, and "${replacedBy}" replaces it`;
  return `${subject} is ${predicates[severity]} CoreDNS ${version}${replacement}`;
}

const predicates: Readonly<Record<Notice['severity'], string>> = {
  deprecated: 'deprecated since',
  ignored: 'ignored by',
  removed: 'removed from',
  newdefault: 'a new default of',
  unsupported: 'not known to the migration to',
};
