/**
 * Changes a Corefile so that a newer CoreDNS can read it. What is only deprecated stays as it is. Source:
 * github.com/coredns/corefile-migration v1.0.31, migration/migrate.go with deprecations off.
 */
import { KubeadmError } from '../../errors.ts';
import {
  type Corefile,
  formatCorefile,
  type Plugin,
  type PluginOption,
  parseCorefile,
  type ServerBlock,
} from './corefile.ts';
import { type KnownPlugin, knownPlugins } from './known-plugins.ts';
import { newDefaults } from './notices.ts';
import { isIn, knownOption, knownPlugin, statusIn, stepsBetween } from './releases.ts';

/**
 * Returns the Corefile for a newer CoreDNS. For the same release, it is the text itself.
 *
 * @param from a release without a leading v
 * @throws KubeadmError `refused` for releases that the rules do not cover, and for a stub domain in another block than the
 *   default one
 */
export function migrateCorefile(from: string, to: string, corefile: string): string {
  const steps = stepsBetween(from, to);
  if (steps.length === 0) return corefile;
  return formatCorefile(steps.reduce(migrateTo, parseCorefile(corefile)));
}

function migrateTo(corefile: Corefile, version: string): Corefile {
  const { servers } = version === '1.8.0' ? withTransfers(corefile) : corefile;
  const migrated = { servers: servers.map((block) => migrateBlock(block, version)) };
  // The plugin proxy had a block for each stub domain, and forward needs a server block instead.
  return version === '1.4.0' || version === '1.5.0' ? withStubDomainBlocks(migrated) : migrated;
}

function migrateBlock(block: ServerBlock, version: string): ServerBlock {
  const plugins = block.plugins.map((plugin) => migratePlugin(plugin, version));
  const added = newDefaults(knownPlugins, block.plugins, version).filter((name) =>
    knownPlugins[name]?.added?.beside.some((other) => plugins.some((plugin) => plugin.name === other)),
  );
  return { ...block, plugins: [...plugins, ...added.map(bare)] };
}

const bare = (name: string): Plugin => ({ name, arguments: [], options: [] });

function migratePlugin(plugin: Plugin, version: string): Plugin {
  const known = knownPlugin(plugin.name, version);
  if (known === undefined || statusIn(known, version) === 'deprecated') return plugin;
  const options = plugin.options.flatMap((option) => migrateOption(option, known, version));
  const added = newDefaults(known.options, plugin.options, version).flatMap(
    (name) => known.options[name]?.added ?? [],
  );
  const isRemoved = statusIn(known, version) === 'removed';
  const name = isRemoved && known.replacedBy !== undefined ? known.replacedBy : plugin.name;
  return { ...plugin, name, options: [...options, ...added] };
}

function migrateOption(option: PluginOption, plugin: KnownPlugin, version: string): readonly PluginOption[] {
  const known = knownOption(plugin, option.name, version);
  const change = known?.changes?.find((one) => isIn(one, version));
  if (change === undefined) return [option];
  const changed = change.apply(option);
  return changed === undefined ? [] : [changed];
}

/** From 1.8.0 on, a plugin holds what was the option `transfer` of kubernetes. */
function withTransfers({ servers }: Corefile): Corefile {
  return {
    servers: servers.map((block) => {
      const clusters = block.plugins.filter(({ name }) => name === 'kubernetes');
      const zone = clusters.at(-1)?.arguments.slice(0, 1) ?? [];
      const [, ...to] =
        clusters
          .flatMap(({ options }) => options)
          .filter(({ name }) => name === 'transfer')
          .at(-1)?.arguments ?? [];
      if (to.length === 0) return block;
      const transfer = { name: 'transfer', arguments: zone, options: [{ name: 'to', arguments: to }] };
      return { ...block, plugins: [...block.plugins, transfer] };
    }),
  };
}

/** Moves each `forward` of a zone other than the root into a server block for that zone. */
function withStubDomainBlocks({ servers }: Corefile): Corefile {
  const split = servers.map(splitStubDomains);
  return { servers: [...split.map(({ rest }) => rest), ...split.flatMap(({ moved }) => moved)] };
}

function splitStubDomains(block: ServerBlock): {
  readonly rest: ServerBlock;
  readonly moved: readonly ServerBlock[];
} {
  const plugins = [...block.plugins];
  const moved: ServerBlock[] = [];
  for (let at = 0; at < plugins.length; at++) {
    const plugin = plugins[at];
    if (plugin?.name !== 'forward') continue;
    const zone = stubZone(plugin, block);
    if (zone === undefined) continue;
    moved.push(stubBlock(zone, plugin));
    plugins.splice(at, 1);
    // As upstream, a plugin behind the moved one is not looked at, unless it is the last one.
    if (at === plugins.length - 1) at--;
  }
  return { rest: { ...block, plugins }, moved };
}

/** Returns undefined for the default forward. */
function stubZone({ arguments: words }: Plugin, { zones }: ServerBlock): string | undefined {
  const [zone] = words;
  if (zone === undefined)
    throw new KubeadmError('refused', 'the Corefile has a plugin forward without a zone');
  if (zone === '.') return undefined;
  const isDefault = zones.length === 1 && (zones[0] === '.' || zones[0] === '.:53');
  if (isDefault) return zone;
  const message = `forward ${zone} in the block of ${zones.join(' ')} cannot be moved into its own server block`;
  throw new KubeadmError('refused', message, {
    hint: 'Only the block of "." can have stub domains. Write a server block for the zone by hand.',
  });
}

function stubBlock(zone: string, forward: Plugin): ServerBlock {
  return {
    zones: [zone],
    plugins: [
      { ...forward, arguments: ['.', ...forward.arguments.slice(1)] },
      bare('loop'),
      bare('errors'),
      { name: 'cache', arguments: ['30'], options: [] },
    ],
  };
}
