/** Reports of the container runtime about containers that ended. */
import type { ContainerStatus, CriClient } from '../clients/cri/cri-client.ts';
import type { Host } from '../host.ts';
import { redact } from '../lib/redact.ts';
import { containerLog } from './logs/container-log.ts';

export interface ContainerEvidence {
  readonly component: string;
  readonly state: 'missing' | ContainerStatus['state'];
  /** The number of earlier starts. Attempts count from 0. */
  readonly restarts: number;
  readonly exitCode?: number;
  /** The runtime's reason, without secrets. */
  readonly reason?: string;
  readonly message?: string;
  readonly id?: string;
  /** The last lines of its log, oldest first, without time stamps and secrets. */
  readonly log: readonly string[];
}

export interface EvidenceOptions {
  readonly criSocket: string;
  readonly components: readonly string[];
  /** The number of lines of each log. Defaults to 5. */
  readonly lines?: number;
}

/**
 * The newest container of each component, with its exit code and the end of its log. Returns undefined if the runtime
 * does not answer.
 */
export async function containerEvidence(
  host: Pick<Host, 'cri' | 'files'>,
  options: EvidenceOptions,
): Promise<readonly ContainerEvidence[] | undefined> {
  const cri = host.cri(options.criSocket);
  try {
    const containers = await cri.containers();
    return await Promise.all(
      options.components.map((name) => evidenceOf(host, { name, containers, lines: options.lines ?? 5 })),
    );
  } catch {
    return undefined;
  } finally {
    cri.close();
  }
}

interface Question {
  readonly name: string;
  readonly containers: Awaited<ReturnType<CriClient['containers']>>;
  readonly lines: number;
}

async function evidenceOf(host: Pick<Host, 'files'>, question: Question): Promise<ContainerEvidence> {
  const own = question.containers.filter(({ name }) => name === question.name);
  const newest = own.toSorted((a, b) => a.attempt - b.attempt || a.startedAt - b.startedAt).at(-1);
  if (newest === undefined) return { component: question.name, state: 'missing', restarts: 0, log: [] };
  const exited = own.findLast(({ exitCode }) => exitCode !== undefined);
  // Between restarts the newest container may have no output yet, so the previous one's is used.
  const telling = newest.state === 'exited' || exited === undefined ? newest : exited;
  return {
    component: question.name,
    state: newest.state,
    restarts: newest.attempt,
    id: newest.id,
    ...(telling.exitCode === undefined ? {} : { exitCode: telling.exitCode }),
    ...(telling.reason ? { reason: redact(telling.reason) } : {}),
    ...(telling.message ? { message: redact(telling.message) } : {}),
    log:
      telling.state === 'running'
        ? []
        : (await containerLog(host.files, telling.logPath)).slice(-question.lines),
  };
}

/** One paragraph for a container; undefined for one that runs and was never restarted. */
export function describeEvidence(evidence: ContainerEvidence): string | undefined {
  const { component, exitCode, log, message, reason, restarts, state } = evidence;
  if (state === 'running' && restarts === 0) return undefined;
  if (state === 'missing') return `${component}: the container runtime has no such container`;
  const end = exitCode === undefined ? '' : `, last exit code ${exitCode}`;
  const why = [reason, message].filter((text) => text !== undefined && text !== '').join(': ');
  const first = `${component}: container ${state}, restarted ${restarts} times${end}${why === '' ? '' : ` (${why})`}`;
  return [first, ...log.map((line) => `    ${line}`)].join('\n');
}
