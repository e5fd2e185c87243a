/** Facts about the machine, with how long they have lasted, from one look to the next. */
import type { EndpointFacts, HealthFacts, MachineFacts } from '../facts.ts';
import {
  createFileReaders,
  gatherMachine,
  type MachineHost,
  type MachineLook,
  type MachineQuestion,
} from './machine.ts';

/** What a single look sees has had some time to heal. */
export const onceMs = 60_000;

export interface MachineGatherer {
  /** With `withNode`, the API server is asked for the Node as well. */
  readonly look: (withNode: boolean) => Promise<MachineFacts>;
}

export interface MachineGathererOptions extends Pick<MachineQuestion, 'certificatesDir' | 'signal'> {
  /** Whether there is a single look, which has no history of its own. */
  readonly once: boolean;
}

export function machineGatherer(
  host: MachineHost,
  { once, ...question }: MachineGathererOptions,
): MachineGatherer {
  const { clock } = host;
  const read = createFileReaders(host);
  let endpointSince: number | undefined;
  /** The components that were healthy at each look since then. */
  const healthySince = new Map<string, number>();
  const withHealthyTime = (one: HealthFacts): HealthFacts => {
    if (!one.isHealthy) {
      healthySince.delete(one.component);
      return one;
    }
    const since = healthySince.get(one.component) ?? clock.monotonic();
    healthySince.set(one.component, since);
    return { ...one, healthyMs: clock.monotonic() - since };
  };
  const withFailingTime = ({
    endpoint,
    health,
  }: Pick<MachineLook, 'endpoint' | 'health'>): { readonly endpoint?: EndpointFacts } => {
    const fails = endpoint?.error !== undefined || endpoint?.lookupError !== undefined;
    const waits = endpoint?.lookupError === undefined && health.some(isSickApiServer);
    const before = waits ? undefined : endpointSince;
    endpointSince = fails ? (before ?? clock.monotonic()) : undefined;
    if (endpoint === undefined) return {};
    const lastedMs = once ? onceMs : clock.monotonic() - (endpointSince ?? 0);
    return { endpoint: { ...endpoint, failingMs: endpointSince === undefined ? 0 : lastedMs } };
  };
  return {
    look: async (withNode) => {
      const found = await gatherMachine(host, { ...question, read, withNode });
      const { endpoint: _endpoint, ...machine } = found;
      return {
        ...machine,
        ...withFailingTime(found),
        health: machine.health.map(withHealthyTime),
      };
    },
  };
}

/** A load balancer has nothing to connect to until the API server of this machine is healthy. */
function isSickApiServer({ component, isHealthy }: HealthFacts): boolean {
  return component === 'kube-apiserver' && !isHealthy;
}
