/** Facts about the container runtime. */
import type { CriClient, RuntimeCondition } from '../../clients/cri/cri-client.ts';
import { messageOf } from '../../errors.ts';
import type { ReadHost } from '../../host.ts';
import { redact } from '../../lib/redact.ts';
import type { RuntimeFacts, UnitFacts } from '../facts.ts';
import { redactLines } from '../logs/container-log.ts';
import type { ProcessGatherer } from './processes.ts';
import { journalLines, unitFactProperties, unitFacts, unitProperties } from './systemd.ts';

const lastLines = 20;
/** A runtime that runs names the plug-ins that it cannot load when it starts. */
const manyLines = 500;

/** The unit of the runtime that listens on a socket; undefined for an unknown one. */
export function runtimeService(criSocket: string): string | undefined {
  const name = criSocket.slice(criSocket.lastIndexOf('/') + 1);
  return { 'containerd.sock': 'containerd', 'crio.sock': 'crio', 'cri-dockerd.sock': 'cri-docker' }[name];
}

export interface RuntimeQuestion {
  readonly criSocket: string;
  readonly silentMs: number;
  readonly processes: ProcessGatherer;
  /** The error of another call. By default the runtime is asked for its conditions. */
  readonly error?: unknown;
}

export async function gatherRuntime(
  host: Pick<ReadHost, 'exec'>,
  cri: Pick<CriClient, 'conditions' | 'settings'>,
  { criSocket, error, processes, silentMs }: RuntimeQuestion,
): Promise<RuntimeFacts> {
  const answer = error === undefined ? await cri.conditions().catch((failure: unknown) => failure) : error;
  if (Array.isArray(answer)) return { silentMs: 0, log: [], ...(await network(cri, answer)) };
  const service = runtimeService(criSocket);
  const failure = messageOf(answer);
  const lines = failure.includes('unimplemented') ? manyLines : lastLines;
  const { log, unit } =
    service === undefined ? { log: [], unit: undefined } : await unitOf(host, service, lines);
  const process = unit?.pid === undefined ? undefined : await processes.look([unit.pid]);
  return {
    error: redact(failure),
    silentMs,
    log,
    ...(service === undefined ? {} : { service }),
    ...(unit === undefined ? {} : { unit }),
    ...(process === undefined ? {} : { process }),
  };
}

async function network(
  cri: Pick<CriClient, 'settings'>,
  conditions: readonly RuntimeCondition[],
): Promise<Pick<RuntimeFacts, 'network'>> {
  const found = conditions.find(({ type }) => type === 'NetworkReady');
  if (found === undefined) return {};
  // containerd's condition only reports that the network is not initialized.
  const fault = found.status ? undefined : (await cri.settings().catch(() => undefined))?.networkFault;
  const message = fault ?? [found.reason, found.message].filter((part) => part !== '').join(': ');
  return { network: { ready: found.status, message: redact(message) } };
}

async function unitOf(
  host: Pick<ReadHost, 'exec'>,
  service: string,
  count: number,
): Promise<{ readonly unit: UnitFacts | undefined; readonly log: readonly string[] }> {
  const value = await unitProperties(host, service, unitFactProperties).catch(() => undefined);
  const args = ['--boot', `--unit=${service}`, `--lines=${count}`];
  const found = await journalLines(host, args).catch(() => undefined);
  return {
    unit: value === undefined ? undefined : unitFacts(value),
    log: redactLines(found?.lines ?? []),
  };
}
