/**
 * The plugins and options that each release of CoreDNS knows, with what becomes of them in a migration. Names that the
 * table does not have may still be valid in CoreDNS. Source: github.com/coredns/corefile-migration v1.0.31,
 * migration/{versions,plugins}.go.
 */
import type { PluginOption } from './corefile.ts';

/** The releases of CoreDNS that a migration can start from or end at, oldest first. */
export const corednsVersions: readonly string[] = [
  ...['1.1.3', '1.1.4'],
  ...['1.2.0', '1.2.1', '1.2.2', '1.2.3', '1.2.4', '1.2.5', '1.2.6'],
  ...['1.3.0', '1.3.1', '1.4.0', '1.5.0', '1.5.1', '1.5.2'],
  ...['1.6.0', '1.6.1', '1.6.2', '1.6.3', '1.6.4', '1.6.5', '1.6.6', '1.6.7', '1.6.9'],
  ...['1.7.0', '1.7.1', '1.8.0', '1.8.3', '1.8.4', '1.8.5', '1.8.6', '1.8.7'],
  ...['1.9.0', '1.9.1', '1.9.2', '1.9.3', '1.9.4', '1.10.0', '1.10.1'],
  ...['1.11.0', '1.11.1', '1.11.3', '1.11.4'],
  ...['1.12.0', '1.12.1', '1.12.2', '1.12.3', '1.12.4'],
  ...['1.13.0', '1.13.1', '1.13.2', '1.14.0', '1.14.1', '1.14.2'],
];

/** Releases of CoreDNS. Both ends belong to them, and a missing end is open. */
export interface Releases {
  readonly from?: string;
  readonly to?: string;
}

/**
 * `deprecated` still works, `ignored` has no effect, CoreDNS does not start with `removed`, and `newdefault` was added to the
 * default Corefile.
 */
export type Status = 'deprecated' | 'ignored' | 'removed' | 'newdefault';

export interface StatusIn extends Releases {
  readonly status: Status;
}

export interface KnownName {
  /** The releases that know the name; defaults to all. */
  readonly known?: readonly Releases[];
  readonly statuses?: readonly StatusIn[];
}

export interface KnownOption extends KnownName {
  /** What becomes of the option in a migration to one of these releases. */
  readonly changes?: readonly ChangeIn[];
  /** The option that a migration adds to plugins without it, in the release with the status `newdefault`. */
  readonly added?: PluginOption;
}

/** Returns undefined to remove the option. */
export type OptionChange = (option: PluginOption) => PluginOption | undefined;

export interface ChangeIn extends Releases {
  readonly apply: OptionChange;
}

export interface KnownPlugin extends KnownName {
  readonly options: Readonly<Record<string, KnownOption>>;
  /** Options whose name matches one of these are known, too. */
  readonly patterns?: readonly RegExp[];
  readonly replacedBy?: string;
  /** The plugin that a migration adds to server blocks which have one of `beside`. */
  readonly added?: { readonly beside: readonly string[] };
}

const remove: OptionChange = () => undefined;
const always: KnownOption = {};
const since = (from: string): KnownOption => ({ known: [{ from }] });

/** https_google was a protocol of the plugin proxy. */
const withoutHttpsGoogle: OptionChange = (option) =>
  option.arguments[0] === 'https_google' ? undefined : option;

const firstArgumentOnly: OptionChange = (option) => ({ ...option, arguments: option.arguments.slice(0, 1) });

/** Options of proxy become options of forward in 1.5.0. */
const inForward = (apply: OptionChange): ChangeIn => ({ from: '1.5.0', to: '1.5.0', apply });

const forceTcp: PluginOption = { name: 'force_tcp', arguments: [] };

const policyOfForward: OptionChange = (option) => {
  const { arguments: words } = option;
  return words.length === 1 && words[0] === 'least_conn' ? forceTcp : option;
};

const protocolOfForward: OptionChange = ({ arguments: words }) =>
  words.length >= 2 && words[0] === 'force_tcp' ? forceTcp : undefined;

export const knownPlugins: Readonly<Record<string, KnownPlugin>> = {
  errors: { options: { consolidate: since('1.2.6'), stacktrace: since('1.9.3') } },
  log: { options: { class: always } },
  health: {
    options: {
      lameduck: {
        statuses: [{ from: '1.6.5', to: '1.6.5', status: 'newdefault' }],
        added: { name: 'lameduck', arguments: ['5s'] },
      },
    },
  },
  ready: {
    known: [{ from: '1.5.0' }],
    statuses: [{ from: '1.5.0', to: '1.5.0', status: 'newdefault' }],
    added: { beside: ['kubernetes'] },
    options: {},
  },
  autopath: { options: {} },
  kubernetes: {
    options: {
      endpoint: {
        statuses: [
          { from: '1.3.1', to: '1.3.1', status: 'deprecated' },
          { from: '1.4.0', status: 'ignored' },
        ],
        changes: [{ from: '1.4.0', apply: firstArgumentOnly }],
      },
      tls: always,
      kubeconfig: since('1.2.3'),
      namespaces: always,
      labels: always,
      pods: always,
      endpoint_pod_names: always,
      ttl: always,
      noendpoints: always,
      fallthrough: always,
      ignore: always,
      resyncperiod: {
        known: [{ to: '1.7.1' }],
        statuses: [
          { from: '1.5.0', to: '1.5.2', status: 'deprecated' },
          { from: '1.6.0', to: '1.6.9', status: 'ignored' },
          { from: '1.7.0', to: '1.7.1', status: 'removed' },
        ],
        changes: [{ from: '1.6.0', to: '1.7.1', apply: remove }],
      },
      upstream: {
        known: [{ to: '1.7.1' }],
        statuses: [
          { from: '1.4.0', to: '1.4.0', status: 'deprecated' },
          { from: '1.5.0', to: '1.6.9', status: 'ignored' },
          { from: '1.7.0', to: '1.7.1', status: 'removed' },
        ],
        changes: [{ from: '1.5.0', to: '1.7.1', apply: remove }],
      },
      transfer: {
        known: [{ to: '1.8.0' }],
        statuses: [{ from: '1.8.0', to: '1.8.0', status: 'removed' }],
        changes: [{ from: '1.8.0', to: '1.8.0', apply: remove }],
      },
    },
  },
  k8s_external: {
    known: [{ from: '1.3.0' }],
    options: { apex: always, ttl: always, fallthrough: since('1.11.0') },
  },
  prometheus: { options: {} },
  proxy: {
    known: [{ to: '1.5.0' }],
    statuses: [
      { from: '1.4.0', to: '1.4.0', status: 'deprecated' },
      { from: '1.5.0', to: '1.5.0', status: 'removed' },
    ],
    replacedBy: 'forward',
    options: {
      policy: { changes: [inForward(policyOfForward)] },
      except: always,
      fail_timeout: { changes: [inForward(remove)] },
      max_fails: { changes: [inForward(remove)] },
      health_check: { changes: [inForward(remove)] },
      spray: { changes: [inForward(remove)] },
      protocol: {
        statuses: [
          { from: '1.1.4', to: '1.1.4', status: 'ignored' },
          { from: '1.2.0', to: '1.3.1', status: 'removed' },
        ],
        changes: [{ to: '1.3.1', apply: withoutHttpsGoogle }, inForward(protocolOfForward)],
      },
    },
  },
  forward: {
    options: {
      except: always,
      force_tcp: always,
      prefer_udp: since('1.2.0'),
      expire: always,
      max_fails: always,
      tls: always,
      tls_servername: always,
      policy: always,
      health_check: always,
      max_concurrent: {
        known: [{ from: '1.6.9' }],
        statuses: [{ from: '1.7.0', to: '1.7.0', status: 'newdefault' }],
        added: { name: 'max_concurrent', arguments: ['1000'] },
      },
      next: since('1.11.4'),
      fail_fast: { known: [{ from: '1.11.4', to: '1.11.4' }] },
      failfast_all_unhealthy_upstreams: since('1.12.0'),
    },
  },
  cache: {
    options: {
      success: always,
      denial: always,
      prefetch: always,
      serve_stale: { known: [{ from: '1.6.6', to: '1.6.9' }, { from: '1.9.4' }] },
      disable: since('1.9.4'),
      servfail: since('1.9.4'),
      keepttl: since('1.10.1'),
    },
  },
  loop: {
    known: [{ from: '1.2.1' }],
    statuses: [{ from: '1.2.1', to: '1.2.1', status: 'newdefault' }],
    added: { beside: ['forward', 'proxy'] },
    options: {},
  },
  reload: { options: {} },
  loadbalance: { options: {} },
  hosts: {
    options: { ttl: always, no_reverse: always, reload: always, fallthrough: always },
    // Lines of the plugin begin with an address.
    patterns: [/\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/, /[0-9A-Fa-f]{1,4}:[:0-9A-Fa-f]+:[0-9A-Fa-f]{1,4}/],
  },
  rewrite: {
    options: {
      type: always,
      class: always,
      name: always,
      'answer name': always,
      edns0: always,
      ttl: since('1.2.3'),
      cname_target: since('1.11.0'),
    },
  },
  transfer: { known: [{ from: '1.8.0' }], options: { to: always } },
};
