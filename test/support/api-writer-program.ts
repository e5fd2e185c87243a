/**
 * The process of `withApiWriter`: api-writer-program.ts HOST:PORT NAMESPACE. The first line of its standard input is a
 * kubeconfig as a JSON string. It prints `+NAME` for each acknowledged ConfigMap, and a report as JSON when its input ends.
 */
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { parse } from 'yaml';

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly 'certificate-authority-data': string } }[];
  readonly users: readonly {
    readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string };
  }[];
}

const pauseMs = 20;
const timeoutMs = 2000;
const connections = 2;

const [endpoint = '', namespace = ''] = process.argv.slice(2);
const [host = '', port = ''] = endpoint.split(/:(?=\d+$)/);
const input = createInterface({ input: process.stdin });
const [line = ''] = (await once(input, 'line')) as readonly string[];
const kubeconfig = parse(JSON.parse(line) as string) as Kubeconfig;
const decoded = (data: string | undefined): Buffer => Buffer.from(data ?? '', 'base64');
const ca = decoded(kubeconfig.clusters[0]?.cluster['certificate-authority-data']);
const user = kubeconfig.users[0]?.user;
const cert = decoded(user?.['client-certificate-data']);
const key = decoded(user?.['client-key-data']);

const errors: Record<string, number> = {};
let failed = 0;
let longestGapMs = 0;
let lastAt = performance.now();
let isRunning = true;
let number = 0;

/** Resolves with the status code. Each connection is used again until a request on it fails. */
function create(agent: Agent, name: string): Promise<number> {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { name } });
  return new Promise((resolve, reject) => {
    const sent = request({
      agent,
      host,
      port,
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/configmaps`,
      // Each API server has this name in its certificate.
      servername: 'kubernetes',
      ca,
      cert,
      key,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    const timer = setTimeout(() => sent.destroy(new Error('no answer')), timeoutMs);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.on('response', (response) => {
      response.on('error', reject);
      response.resume();
      response.on('end', () => {
        clearTimeout(timer);
        resolve(response.statusCode ?? 0);
      });
    });
    sent.end(body);
  });
}

function note(error: string): void {
  failed += 1;
  errors[error] = (errors[error] ?? 0) + 1;
}

function measureGap(): void {
  const now = performance.now();
  longestGapMs = Math.max(longestGapMs, now - lastAt);
  lastAt = now;
}

async function write(): Promise<void> {
  let agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (isRunning) {
    number += 1;
    const name = `w-${number}`;
    try {
      const status = await create(agent, name);
      if (status === 201) {
        measureGap();
        process.stdout.write(`+${name}\n`);
      } else note(`status ${status}`);
    } catch (error) {
      note((error as NodeJS.ErrnoException).code ?? String(error));
      agent.destroy();
      agent = new Agent({ keepAlive: true, maxSockets: 1 });
    }
    await sleep(pauseMs);
  }
  agent.destroy();
}

input.on('close', () => {
  isRunning = false;
});
await Promise.all(Array.from({ length: connections }, write));
measureGap();
process.stdout.write(`${JSON.stringify({ failed, longestGapMs: Math.round(longestGapMs), errors })}\n`);
