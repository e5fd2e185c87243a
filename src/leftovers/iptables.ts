/** The rules of kube-proxy and the kubelet in the tables of iptables. Sources: pkg/proxy/iptables, pkg/kubelet. */
import { joinPath } from '../lib/join-path.ts';
import {
  type KubeRules,
  kubeRulesOf,
  parseIptablesSave,
  pluginChainsOf,
  removalOf,
} from './iptables-save.ts';
import { listing, runOrFail } from './programs.ts';
import { type Item, type Items, joinItems, removeEach, type SearchHost, search } from './search.ts';

/** The prefix of the programs of one backend, such as `ip6tables-legacy`, and the rules in one of its tables. */
interface Rules {
  readonly backend: string;
  readonly rules: KubeRules;
}

/** A setting of the kernel, and the rules. */
type Handle = Rules | { readonly setting: string };

/**
 * kube-proxy in iptables mode sets it, so that NodePorts can be reached at localhost. Without the chain KUBE-FIREWALL,
 * neighbours of this machine could then reach its services at localhost (CVE-2020-8558).
 */
const routeLocalnet = 'net.ipv4.conf.all.route_localnet';
const settingFolders = [
  '/etc',
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
];

/** Waits this many seconds for the lock that all programs of iptables share. */
const lockSeconds = '10';

export const iptables = search<Handle>({
  kind: 'iptables',
  lookedFor: 'chains KUBE-* and the rules that lead into them, in every table of iptables and ip6tables',
  find: async (host, { afterCleanup, signal }) => {
    const searched: string[] = [];
    const missing: string[] = [];
    const results: Items<Rules>[] = [];
    for (const family of ['iptables', 'ip6tables']) {
      for (const backend of await backendsOf(family, host)) {
        const listed = await listing(host, [`${backend}-save`], signal);
        if ('notSearched' in listed) {
          missing.push(listed.notSearched);
          continue;
        }
        searched.push(backend);
        results.push(itemsOf(backend, listed.stdout));
      }
    }
    const { items, kept = [] } = joinItems(results);
    const setting = items.length === 0 ? [] : await findRouteLocalnet(host);
    return {
      items: [...setting, ...items],
      // Before the cleanup, the plugins still have rules for Pods that run.
      kept: afterCleanup ? kept : [],
      ...(searched.length === 0 ? { notSearched: missing.join('; ') } : {}),
    };
  },
  remove: async (host, items, signal) => {
    for (const { handle } of items) {
      if ('setting' in handle) await runOrFail(host, ['sysctl', '-w', `${handle.setting}=0`], { signal });
    }
    await removeEach(items, signal, async (handle) => {
      if ('setting' in handle) return;
      const args = ['--noflush', '-w', lockSeconds];
      await runOrFail(host, [`${handle.backend}-restore`, ...args], {
        input: removalOf(handle.rules),
        signal,
      });
    });
  },
});

/** A machine can have rules of both backends at the same time. */
async function backendsOf(family: string, { exec }: SearchHost): Promise<readonly string[]> {
  const backends: string[] = [];
  for (const backend of [`${family}-nft`, `${family}-legacy`]) {
    if ((await exec.find(`${backend}-save`)) !== undefined) backends.push(backend);
  }
  return backends.length > 0 ? backends : [family];
}

function itemsOf(backend: string, saved: string): Items<Rules> {
  const tables = parseIptablesSave(saved);
  const kept = tables.flatMap((table) => {
    const chains = pluginChainsOf(table);
    if (chains.length === 0) return [];
    const reason = `a network plugin made ${chains.join(', ')}, and other programs can use such plugins`;
    return [{ name: `table ${table.name} of ${backend}`, reason }];
  });
  return { items: tables.flatMap((table) => itemOf(backend, kubeRulesOf(table))), kept };
}

function itemOf(backend: string, rules: KubeRules | undefined): readonly Item<Rules>[] {
  if (rules === undefined) return [];
  const { chains, foreign, table } = rules;
  const shown =
    chains.length > 3 ? `${chains.slice(0, 3).join(', ')} and ${chains.length - 3} more` : chains.join(', ');
  const blocked = [...foreign].map(
    ([chain, rule]) => `; the rule "${rule.chain} ${rule.spec}" leads into ${chain}`,
  );
  const reason = `chains of kube-proxy and kubelet: ${shown}${blocked.join('')}`;
  return [{ name: `table ${table} of ${backend}`, reason, handle: { backend, rules } }];
}

/** Returns nothing if the setting is off, or if an administrator has configured it. */
async function findRouteLocalnet({ files }: SearchHost): Promise<readonly Item<Handle>[]> {
  const read = async (path: string): Promise<string> => await files.readText(path).catch(() => '');
  if ((await read(`/proc/sys/${routeLocalnet.replaceAll('.', '/')}`)).trim() !== '1') return [];
  for (const folder of settingFolders) {
    const names = ((await files.list(folder)) ?? []).filter(
      (name) => name === 'sysctl.conf' || /\/sysctl\.d$/.test(folder),
    );
    for (const name of names) {
      if (/^[^#;]*route_localnet/m.test(await read(joinPath(folder, name)))) return [];
    }
  }
  const reason = 'kube-proxy has set it to 1, and reset sets it to 0, the default of the kernel';
  return [{ name: routeLocalnet, reason, handle: { setting: routeLocalnet } }];
}
