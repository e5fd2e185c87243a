/**
 * Each folder of testdata holds a configuration and the manifests that it leads to. `UPDATE_GOLDENS=1` before the
 * command of the test writes the manifests anew; for a new case it is enough to add a folder with its config.yaml.
 */
import { globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadInitFamily } from '../config/load.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { typedForm } from '../kubernetes-types/typed.ts';
import { etcdPod } from './etcd.ts';
import { kubeApiserverPod } from './kube-apiserver.ts';
import { kubeControllerManagerPod } from './kube-controller-manager.ts';
import { kubeSchedulerPod } from './kube-scheduler.ts';
import type { Pod } from './pod.ts';
import { formatPod, type ManifestInput } from './static-pod.ts';

const testdata = path.join(import.meta.dirname, 'testdata');
const cases = globSync('*/config.yaml', { cwd: testdata }).map((file) => path.dirname(file));
const update = process.env.UPDATE_GOLDENS === '1';

test('testdata has the goldens of some configurations', () => expect(cases).toContain('plain-1.36'));

test.each(cases)('the manifests of the configuration in testdata/%s are those beside it', async (name) => {
  const folder = path.join(testdata, name);
  const input = await inputOf(path.join(folder, 'config.yaml'));
  const pods = podsOf(input);
  const texts = new Map(pods.map((pod) => [`${pod.metadata.name}.yaml`, formatPod(pod)]));
  if (update) rewrite(folder, texts);
  expect(manifestsIn(folder)).toEqual([...texts.keys()].sort());
  for (const [file, text] of texts) expect(text).toBe(readFileSync(path.join(folder, file), 'utf8'));
  // A patch brings a Pod into this form, and must change nothing else.
  for (const pod of pods) expect(typedForm('Pod', pod, input.release.objectTypes)).toEqual(pod);
});

async function inputOf(file: string): Promise<ManifestInput> {
  const configPath = '/config.yaml';
  const host = createMemoryHost({ files: { [configPath]: readFileSync(file, 'utf8') } });
  const { config } = await loadInitFamily(host, { configPath }, { criDetection: false, strict: true });
  const { cluster, init, release } = config;
  return {
    cluster,
    release,
    endpoint: init.localAPIEndpoint,
    nodeName: init.nodeRegistration.name,
    healthCheckTimeout: init.timeouts.controlPlaneComponentHealthCheck,
    externalCA: false,
    facts: { caDirectories: ['/usr/share/ca-certificates'], proxyEnvironment: [] },
  };
}

function podsOf(input: ManifestInput): readonly Pod[] {
  const { local } = input.cluster.etcd;
  return [
    kubeApiserverPod(input),
    kubeControllerManagerPod(input),
    kubeSchedulerPod(input),
    ...(local === undefined ? [] : [etcdPod(input, local)]),
  ];
}

function manifestsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file !== 'config.yaml')
    .sort();
}

function rewrite(folder: string, texts: ReadonlyMap<string, string>): void {
  for (const file of manifestsIn(folder)) rmSync(path.join(folder, file));
  for (const [file, text] of texts) writeFileSync(path.join(folder, file), text);
}
