/**
 * Whether a Corefile is one that kubeadm once wrote, so that nobody changed it. Source:
 * github.com/coredns/corefile-migration v1.0.31, Default.
 */
import { type Corefile, type Plugin, type PluginOption, parseCorefile } from './corefile.ts';

/** `*` stands for any argument, and `***` for all further ones. */
const anyOne = '*';
const anyRest = '***';

/**
 * Whether the Corefile is empty or a default of a release of CoreDNS. The order of plugins and options does not count. The
 * defaults of CoreDNS after 1.7.0 have options in `cache` and are not among them, as upstream.
 */
export function isDefaultCorefile(text: string): boolean {
  const corefile = parseIfPossible(text);
  if (corefile === undefined) return false;
  if (corefile.servers.length === 0) return true;
  const [server, ...others] = corefile.servers;
  if (server === undefined || others.length > 0 || server.zones.join(' ') !== '.:53') return false;
  return defaults.some(
    (plugins) =>
      plugins.length === server.plugins.length &&
      server.plugins.every((plugin) => plugins.some((one) => isLike(plugin, one))),
  );
}

function parseIfPossible(text: string): Corefile | undefined {
  try {
    return parseCorefile(text);
  } catch {
    return undefined;
  }
}

function isLike(plugin: Plugin, wanted: Plugin): boolean {
  return (
    matches(plugin, wanted) &&
    plugin.options.length === wanted.options.length &&
    plugin.options.every((option) => wanted.options.some((one) => matches(option, one)))
  );
}

function matches(given: PluginOption, wanted: PluginOption): boolean {
  if (given.name !== wanted.name) return false;
  for (const [index, word] of wanted.arguments.entries()) {
    if (word === anyRest) return true;
    if (word !== anyOne && word !== given.arguments[index]) return false;
  }
  return wanted.arguments.length === given.arguments.length;
}

const named = (line: string, options: readonly PluginOption[] = []): Plugin => {
  const [name = '', ...words] = line.split(' ');
  return { name, arguments: words, options };
};
const option = (line: string): PluginOption => {
  const { arguments: words, name } = named(line);
  return { name, arguments: words };
};

/** The default of 1.1.3. Later ones add to it. */
function defaultPlugins(parts: {
  readonly health?: readonly string[];
  readonly kubernetes: readonly string[];
  readonly upstreams: Plugin;
  readonly more: readonly string[];
}): readonly Plugin[] {
  const cluster = ['pods insecure', 'fallthrough in-addr.arpa ip6.arpa', ...parts.kubernetes];
  return [
    named('errors'),
    named('health', (parts.health ?? []).map(option)),
    named(`kubernetes ${anyOne} ${anyRest}`, cluster.map(option)),
    named('prometheus :9153'),
    parts.upstreams,
    named('cache 30'),
    named('reload'),
    ...parts.more.map((line) => named(line)),
  ];
}

const proxy = named(`proxy . ${anyOne}`);
const forward = named(`forward . ${anyOne}`);
const balanced = ['loop', 'loadbalance'];

const defaults: readonly (readonly Plugin[])[] = [
  // 1.1.3
  defaultPlugins({ kubernetes: ['upstream'], upstreams: proxy, more: [] }),
  // 1.2.2 and 1.2.6
  defaultPlugins({ kubernetes: ['upstream'], upstreams: proxy, more: balanced }),
  // 1.3.1
  defaultPlugins({ kubernetes: ['upstream', 'ttl 30'], upstreams: forward, more: balanced }),
  // 1.6.2
  defaultPlugins({ kubernetes: ['ttl 30'], upstreams: forward, more: [...balanced, 'ready'] }),
  // 1.6.5 and 1.6.7
  defaultPlugins({
    health: ['lameduck 5s'],
    kubernetes: ['ttl 30'],
    upstreams: forward,
    more: [...balanced, 'ready'],
  }),
  // 1.7.0
  defaultPlugins({
    health: ['lameduck 5s'],
    kubernetes: ['ttl 30'],
    upstreams: named(`forward . ${anyOne}`, [option('max_concurrent 1000')]),
    more: [...balanced, 'ready'],
  }),
];
