import type { KubeClient, KubeObject } from '../../clients/kube/kube-client.ts';
import { waitFor } from '../../clients/kube/wait-for.ts';
import { KubeApiError, KubeadmError, messageOf } from '../../errors.ts';
import type { Clock } from '../../host.ts';
import { at, isRecord } from '../../lib/is-record.ts';
import { RetryTimeout, retry } from '../../lib/retry.ts';
import { controlPlaneLabel } from '../../names.ts';
import { type Check, type CheckResult, fail, passed, warn } from '../check.ts';

/** The time for each of: listing the Nodes, creating the Job, and its end. */
const timeoutMs = 60_000;
/** The cluster ends and removes the Job after this time. */
const lifeSeconds = 65;
const prefix = 'upgrade-health-check';
const namespace = 'kube-system';

export interface CreateJob {
  readonly client: KubeClient;
  /** The image that the Job runs, which every node has: that of Pod sandboxes. */
  readonly pauseImage: string;
  readonly signal: AbortSignal;
}

/** Whether the cluster can schedule and run a Job. Source: phases/upgrade/health.go, createJob. */
export function createJob(job: CreateJob): Check {
  return {
    name: 'CreateJob',
    check: async ({ clock }) => {
      try {
        return await runJob(clock, job);
      } catch (error) {
        job.signal.throwIfAborted();
        return fail(messageOf(error instanceof RetryTimeout ? (error.cause ?? error) : error));
      }
    },
  };
}

async function runJob(clock: Clock, { client, pauseImage, signal }: CreateJob): Promise<CheckResult> {
  const options = { clock, signal, timeoutMs };
  const fieldSelector = 'spec.unschedulable=false';
  const { items } = await retry(() => client.list('v1', 'Node', { fieldSelector, limit: 1, signal }), {
    ...options,
    what: 'a Node that takes new Pods',
  });
  if (items.length === 0) return warn('it was skipped, because no Node takes new Pods');
  const name = `${prefix}-${clock.now().getTime()}`;
  const what = `Job ${namespace}/${name}`;
  await retry(() => create(client, jobOf(name, pauseImage), signal), { ...options, what });
  const query = { apiVersion: 'batch/v1', kind: 'Job', namespace, fieldSelector: `metadata.name=${name}` };
  const state = await waitFor(client, query, ([job]) => endOf(job), { ...options, what }).catch(
    async (error: unknown) => {
      if (!(error instanceof RetryTimeout)) throw error;
      const reason = await reasonOf(client, name, signal);
      throw new KubeadmError('timeout', `${what} did not end within ${timeoutMs / 1000} s${reason}`);
    },
  );
  return state === 'Complete' ? passed : fail(`${what} failed: ${state}`);
}

/** A Job that exists was made by an earlier try whose answer was lost. */
async function create(client: KubeClient, job: KubeObject, signal: AbortSignal): Promise<void> {
  try {
    await client.create(job, { signal });
  } catch (error) {
    if (!(error instanceof KubeApiError && error.reason === 'AlreadyExists')) throw error;
  }
}

/** Returns `Complete`, or the message of a failed Job, or undefined while it runs. */
function endOf(job: KubeObject | undefined): string | undefined {
  const conditions = at(job, 'status', 'conditions');
  const list = Array.isArray(conditions) ? conditions.filter(isRecord) : [];
  const holds = (type: string) => list.find((one) => one.type === type && one.status !== 'False');
  if (holds('Complete') !== undefined) return 'Complete';
  const failed = holds('Failed');
  return failed === undefined ? undefined : String(failed.message ?? failed.reason ?? 'Failed');
}

/** What the Pod of the Job waits for. */
async function reasonOf(client: KubeClient, name: string, signal: AbortSignal): Promise<string> {
  const selection = { namespace, labelSelector: `job-name=${name}`, signal };
  const pods = await client.list('v1', 'Pod', selection).catch(() => undefined);
  if (pods === undefined) return '';
  const [pod] = pods.items;
  if (pod === undefined) return '; kube-controller-manager has made no Pod for it';
  const conditions = at(pod, 'status', 'conditions');
  const unmet = (Array.isArray(conditions) ? conditions.filter(isRecord) : []).find(
    ({ message, status }) => status === 'False' && typeof message === 'string' && message !== '',
  );
  const phase = String(at(pod, 'status', 'phase') ?? 'Pending');
  return `; Pod ${pod.metadata.name} is ${phase}${unmet === undefined ? '' : `: ${String(unmet.message)}`}`;
}

function jobOf(name: string, image: string): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: lifeSeconds,
      activeDeadlineSeconds: lifeSeconds,
      template: {
        metadata: {},
        spec: {
          restartPolicy: 'Never',
          securityContext: { runAsUser: 999, runAsGroup: 999, runAsNonRoot: true },
          tolerations: [{ key: controlPlaneLabel, effect: 'NoSchedule' }],
          containers: [{ name: prefix, image, args: ['-v'] }],
        },
      },
    },
  };
}
