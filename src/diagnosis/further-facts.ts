/** Facts that a look gathers only because other facts ask for them. */
import type { CriClient } from '../clients/cri/cri-client.ts';
import type { Host } from '../host.ts';
import type { ComponentFacts, Facts } from './facts.ts';
import { gatherCgroups } from './gather/cgroups.ts';
import { gatherListeners } from './gather/listeners.ts';
import { gatherLowLevelRuntime } from './gather/low-level-runtime.ts';
import { gatherProxies } from './gather/proxies.ts';
import { lastWords } from './logs/last-words.ts';
import type { Depth } from './observer.ts';
import { addressesInDoubt } from './rules/cannot-connect.ts';
import { asksForCgroups } from './rules/cgroup-drivers.ts';
import { missingPath } from './rules/missing-file.ts';
import { silentComponents } from './rules/port-blocked.ts';
import { asksForProxies } from './rules/proxy-between.ts';

type FurtherHost = Pick<Host, 'files' | 'exec' | 'net' | 'system'>;

/** The facts that ask. */
type Seen = Pick<
  Facts,
  'components' | 'criSocket' | 'machine' | 'nodeFailures' | 'podFailures' | 'pulls' | 'sandboxes'
> & { readonly depth: Depth };

const connectionMs = 2_000;

export async function gatherFurther(
  host: FurtherHost,
  cri: CriClient,
  seen: Seen,
): Promise<
  Pick<Facts, 'cgroups' | 'connections' | 'listeners' | 'lowLevelRuntime' | 'namedPaths' | 'proxies'>
> {
  const { criSocket, machine } = seen;
  const asksProxies = seen.depth === 'node' || asksForProxies(seen);
  return {
    namedPaths: await namedPaths(host, seen.components ?? []),
    ...(await connections(host, seen)),
    ...(await listeners(host, seen)),
    ...(await lowLevelRuntime(host, cri, seen)),
    ...(asksProxies
      ? { proxies: await gatherProxies(host, { criSocket, endpoint: machine?.endpoint }) }
      : {}),
    ...(await cgroups(host, cri, seen)),
  };
}

async function namedPaths(
  { files }: Pick<FurtherHost, 'files'>,
  components: readonly ComponentFacts[],
): Promise<Readonly<Record<string, boolean>>> {
  const paths = components.flatMap(
    ({ runs }) => missingPath({ words: lastWords(runs.at(-1)?.log ?? []) }) ?? [],
  );
  const exist = async (path: string): Promise<boolean> =>
    await files.stat(path).then(
      (stat) => stat !== undefined,
      () => false,
    );
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await exist(path)] as const)));
}

async function listeners(
  host: FurtherHost,
  { components = [], machine, nodeFailures = [] }: Seen,
): Promise<Pick<Facts, 'listeners'>> {
  const isTaken = ({ runs }: ComponentFacts): boolean =>
    lastWords(runs.at(-1)?.log ?? [])?.reason.includes('address already in use') === true;
  const isAsked =
    components.some(isTaken) ||
    nodeFailures.some(({ kind }) => kind === 'health-port') ||
    (machine !== undefined && silentComponents({ components, machine }).length > 0);
  const found = isAsked ? await gatherListeners(host) : undefined;
  return found === undefined ? {} : { listeners: found };
}

async function lowLevelRuntime(
  host: FurtherHost,
  cri: Pick<CriClient, 'settings'>,
  { criSocket, sandboxes }: Pick<Facts, 'criSocket' | 'sandboxes'>,
): Promise<Pick<Facts, 'lowLevelRuntime'>> {
  if (!sandboxes.some(({ message }) => /\brunc\b|OCI runtime/.test(message))) return {};
  const found = await gatherLowLevelRuntime(host, cri, criSocket);
  return found === undefined ? {} : { lowLevelRuntime: found };
}

async function cgroups(
  host: FurtherHost,
  cri: CriClient,
  seen: Parameters<typeof asksForCgroups>[0],
): Promise<Pick<Facts, 'cgroups'>> {
  const found = asksForCgroups(seen) ? await gatherCgroups(host, cri) : undefined;
  return found === undefined ? {} : { cgroups: found };
}

/** kubeadm tries whether it can connect to the addresses itself. */
async function connections(
  { net }: Pick<FurtherHost, 'net'>,
  seen: Seen,
): Promise<Pick<Facts, 'connections'>> {
  const inDoubt = (seen.components ?? []).flatMap((one) => addressesInDoubt(one, seen));
  if (inDoubt.length === 0) return {};
  const tried = [...new Set(inDoubt)].map(
    async (address) => [address, await net.tryConnection(`https://${address}`, connectionMs)] as const,
  );
  return { connections: Object.fromEntries(await Promise.all(tried)) };
}
