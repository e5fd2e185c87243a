/** Random Corefiles: likely ones, which migrations change, and texts of the characters that have a meaning. */
import fc from 'fast-check';
import { corednsVersions, knownPlugins } from './known-plugins.ts';

const word = fc.constantFrom(
  ...['.', '.:53', 'example.org', 'cluster.local', 'in-addr.arpa', 'ip6.arpa', '/etc/resolv.conf', '*'],
  ...['8.8.8.8', '10.0.0.1', 'fd00::1', '30', '5s', '1000', 'https_google', 'force_tcp', 'least_conn', '""'],
  ...['"two words"', '"a \\" b"', 'a"b', '#note', 'x#y', 'dns', 'random', 'insecure', '{$HOST}'],
);
const unknownName = fc.constantFrom(
  'template',
  'file',
  'acl',
  'import',
  'bind',
  'constructor',
  '"answer name"',
);
const line = (name: string, words: readonly string[]): string => [name, ...words].join(' ');

const optionOf = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 6, arbitrary: names.length === 0 ? unknownName : fc.constantFrom(...names) },
        { weight: 1, arbitrary: unknownName },
        { weight: 1, arbitrary: word },
      ),
      fc.array(word, { maxLength: 3 }),
    )
    .map(([name, words]) => line(name, words));

const plugin = fc
  .oneof(
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(knownPlugins)) },
    { weight: 3, arbitrary: fc.constantFrom('kubernetes', 'forward', 'proxy', 'health') },
    { weight: 1, arbitrary: unknownName },
  )
  .chain((name) => {
    const options = optionOf(Object.keys(knownPlugins[name]?.options ?? {}));
    return fc.tuple(
      fc.constant(name),
      fc.array(word, { maxLength: 3 }),
      fc.array(options, { maxLength: 4 }),
      fc.constantFrom(' {\n', '{\n', ' {', '\n{\n'),
    );
  })
  .map(([name, words, options, open]) => {
    const head = line(name, words);
    return options.length === 0 ? head : `${head}${open}${options.join('\n')}\n}`;
  });

const serverBlock = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('.:53', '.') },
      {
        weight: 1,
        arbitrary: fc.array(word, { minLength: 1, maxLength: 2 }).map((zones) => zones.join(' ')),
      },
    ),
    fc.array(plugin, { maxLength: 7 }),
  )
  .map(([zones, plugins]) => `${zones} {\n${plugins.join('\n')}\n}\n`);

/** Close to the defaults of kubeadm, so that some of them are one. */
const nearlyDefault = fc
  .record({
    health: fc.constantFrom('health', 'health {\nlameduck 5s\n}'),
    zone: fc.constantFrom('cluster.local in-addr.arpa ip6.arpa', 'cluster.local', ''),
    cluster: fc.subarray(['upstream', 'ttl 30'], { maxLength: 2 }),
    upstreams: fc.constantFrom(
      ...['proxy . /etc/resolv.conf', 'forward . 8.8.8.8', 'forward . a b'],
      'forward . /etc/resolv.conf {\nmax_concurrent 1000\n}',
    ),
    cache: fc.constantFrom('cache 30', 'cache 60', 'cache 30 {\ndisable success cluster.local\n}'),
    more: fc.subarray(['ready', 'loop', 'loadbalance'], { maxLength: 3 }),
  })
  .map(({ cache, cluster, health, more, upstreams, zone }) => {
    const options = ['pods insecure', 'fallthrough in-addr.arpa ip6.arpa', ...cluster].join('\n');
    const rest = ['prometheus :9153', upstreams, cache, 'reload', ...more].join('\n');
    return `.:53 {\nerrors\n${health}\nkubernetes ${zone} {\n${options}\n}\n${rest}\n}\n`;
  });

const noise = fc
  .array(
    fc.constantFrom(
      '{',
      '}',
      '"',
      '\\',
      '#',
      ' ',
      '\n',
      '\r\n',
      '\t',
      '\u00a0',
      '\u0085',
      '\ufeff',
      'a',
      'é',
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

export const corefiles: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.array(serverBlock, { maxLength: 3 }).map((blocks) => blocks.join('\n')) },
  { weight: 2, arbitrary: nearlyDefault },
  { weight: 1, arbitrary: noise },
);

const version = fc.constantFrom(...corednsVersions);

/** Two releases of CoreDNS. Most of the time they are in order, and sometimes one of them is unknown. */
export const updates: fc.Arbitrary<readonly [from: string, to: string]> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(version, version)
      .map(([a, b]) =>
        corednsVersions.indexOf(a) <= corednsVersions.indexOf(b) ? ([a, b] as const) : ([b, a] as const),
      ),
  },
  { weight: 1, arbitrary: fc.tuple(version, fc.oneof(version, fc.constantFrom('', 'v1.14.2', '9.9.9'))) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('', 'v1.12.0', '0.9.0'), version) },
);
