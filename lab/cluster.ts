/** Shows that a cluster works: its nodes, its Pods, names and Services. */
import { testImage } from '../components/index.ts';
import type { LabNode } from './node.ts';
import { LabError, type RunOptions, sleep } from './run.ts';

/** Returns the output of kubectl in the node with the administrator's kubeconfig. @throws LabError if it fails */
export async function kubectl(
  node: LabNode,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return await node.mustExec(['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', ...args], {
    timeoutMs: 60_000,
    ...options,
  });
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

interface Item {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** The names of the Pods of kube-system on a node that init made, without their random parts. */
export function expectedPods(nodeName: string, coreDns = true): readonly string[] {
  const statics = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  return [
    ...statics.map((name) => `${name}-${nodeName}`),
    'kube-proxy-',
    ...(coreDns ? ['coredns-', 'coredns-'] : []),
  ];
}

/**
 * Waits until every Node and every expected Pod of kube-system is Ready.
 * @throws LabError at the end of the time, with the ones that are not ready
 */
export async function waitForCluster(
  node: LabNode,
  options: { readonly pods: readonly string[]; readonly timeoutMs?: number },
): Promise<void> {
  const timeout = options.timeoutMs ?? 180_000;
  const deadline = Date.now() + timeout;
  for (;;) {
    const missing = await notReady(node, options.pods).catch((error: unknown) => [String(error)]);
    if (missing.length === 0) return;
    if (Date.now() > deadline) {
      const pods = await kubectl(node, ['get', 'pods', '-A', '-o', 'wide']).catch(String);
      throw new LabError(`not ready after ${timeout / 1000} s: ${missing.join(', ')}\n${pods}`);
    }
    await sleep(250);
  }
}

async function notReady(node: LabNode, pods: readonly string[]): Promise<readonly string[]> {
  const items = (
    JSON.parse(await kubectl(node, ['-n', 'kube-system', 'get', 'nodes,pods', '-o', 'json'])) as {
      items: Item[];
    }
  ).items;
  const ready = items.filter(({ status }) =>
    status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
  );
  const nodes = items
    .filter((item) => item.kind === 'Node' && !ready.includes(item))
    .map(({ metadata }) => metadata.name);
  const names = ready.filter(({ kind }) => kind === 'Pod').map(({ metadata }) => metadata.name);
  const missing = pods.filter((wanted) => {
    const index = names.findIndex(
      (name) => name === wanted || (wanted.endsWith('-') && name.startsWith(wanted)),
    );
    if (index !== -1) names.splice(index, 1);
    return index === -1;
  });
  return [...nodes, ...missing];
}

/** Two Pods that serve their own name, a Service for them, and a Pod for the requests. */
function proofObjects(): string {
  const pod = (name: string, labels: Readonly<Record<string, string>>, command: string): unknown => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        { name: 'main', image: testImage, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', command] },
      ],
    },
  });
  const serve = 'mkdir -p /tmp/www && hostname > /tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www';
  const items = [
    pod('web-1', { app: 'web' }, serve),
    pod('web-2', { app: 'web' }, serve),
    pod('client', { app: 'client' }, 'exec sleep 86400'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/**
 * Proves that Pods resolve names and reach Services: the cluster's own one, and one with two endpoints that both
 * answer. Returns a line for each proof. @throws LabError that names the failure
 */
export async function proveCluster(
  node: LabNode,
  options: { readonly dnsDomain?: string } = {},
): Promise<readonly string[]> {
  const domain = options.dnsDomain ?? 'cluster.local';
  await kubectl(node, ['apply', '-f', '-'], { input: proofObjects() });
  await kubectl(
    node,
    ['wait', '--for=condition=Ready', 'pod/web-1', 'pod/web-2', 'pod/client', '--timeout=120s'],
    {
      timeoutMs: 130_000,
    },
  );
  const inClient = async (command: string): Promise<string> =>
    await kubectl(node, ['exec', 'client', '--', 'sh', '-c', command]);
  const name = `kubernetes.default.svc.${domain}`;
  const address = (
    await kubectl(node, ['get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}'])
  ).trim();
  const resolved = await retried(`a Pod resolves ${name}`, async () => await inClient(`nslookup ${name}`));
  if (!resolved.includes(address))
    throw new LabError(`${name} resolves to something else than ${address}: ${resolved}`);
  await retried(
    `a Pod reaches ${address}:443`,
    async () => await inClient(`nc -w 3 ${address} 443 </dev/null`),
  );
  const seen = new Set<string>();
  await retried('both endpoints of a Service answer', async () => {
    const answers = await inClient(
      `for i in $(seq 12); do timeout 3 wget -qO- http://web.default.svc.${domain}; done`,
    );
    for (const line of answers.split('\n')) if (line !== '') seen.add(line);
    if (!seen.has('web-1') || !seen.has('web-2')) throw new LabError(`only ${[...seen].join(', ')} answered`);
    return answers;
  });
  await kubectl(node, ['delete', '--wait=false', 'pod/web-1', 'pod/web-2', 'pod/client', 'service/web']);
  return [
    `a Pod resolves ${name} to ${address}`,
    `a Pod reaches the Service address ${address}:443`,
    'a Service with two endpoints answers from both: web-1, web-2',
  ];
}

async function retried<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new LabError(`${what}: not within 60 s: ${String(error)}`);
      await sleep(300);
    }
  }
}
