/** Patches for every target and type in a real cluster, and dry runs before and while it runs. */
import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import type { LabNode } from '../../lab/index.ts';
import {
  configFile,
  expectWorkingCluster,
  fileList,
  nodeName,
  runKubeadm,
  unitStates,
  withNode,
  writeConfig,
} from '../support/node.ts';

const patches = '/root/patches';
const statics = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'] as const;
const types = ['strategic', 'merge', 'json'] as const;

/** A patch that marks an object. Strategic and merge patches would treat a list differently. */
function mark(type: (typeof types)[number]): string {
  if (type !== 'json')
    return JSON.stringify({ metadata: { annotations: { [`patched.test/${type}`]: 'yes' } } });
  // It runs after the other two by the order of the names ("0..", "1..", "2.."), so the annotations exist.
  return JSON.stringify([{ op: 'add', path: '/metadata/annotations/patched.test~1json', value: 'yes' }]);
}

async function writePatches(node: LabNode): Promise<void> {
  for (const target of [...statics, 'corednsdeployment']) {
    for (const [index, type] of types.entries()) {
      await node.writeFile(`${patches}/${target}${index}+${type}.json`, mark(type));
    }
  }
  await node.writeFile(
    `${patches}/kube-scheduler3+strategic.yaml`,
    'spec:\n  containers:\n  - name: kube-scheduler\n    env:\n    - {name: PATCHED, value: "yes"}\n',
  );
  await node.writeFile(`${patches}/kubeletconfiguration0+strategic.yaml`, 'maxPods: 71\n');
  await node.writeFile(`${patches}/kubeletconfiguration1+merge.yaml`, 'podPidsLimit: 4321\n');
  const add = [{ op: 'add', path: '/containerLogMaxFiles', value: 7 }];
  await node.writeFile(`${patches}/kubeletconfiguration2+json.json`, JSON.stringify(add));
}

/** The files that a dry run must not change, without its own folder and the files of running programs. */
async function state(node: LabNode, folders: readonly string[]): Promise<readonly string[]> {
  const files = (await fileList(node, folders))
    .split('\n')
    .filter((line) => !/^\/etc\/kubernetes(\/tmp\S*)? |^\/etc\/kubernetes\/tmp\//.test(line));
  return [...files, ...(await unitStates(node)).split('\n')];
}

interface ApiObject {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string; readonly resourceVersion: string };
}

/** Every object, except those that controllers and kubelets update all the time. */
async function objects(node: LabNode): Promise<readonly string[]> {
  const names = (await kubectl(node, ['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n');
  const volatile = /^(events|leases|nodes|pods|endpoints|endpointslices)(\.|$)/;
  const kinds = names.filter((name) => !volatile.test(name)).join(',');
  const text = await kubectl(node, ['get', kinds, '-A', '-o', 'json']);
  const { items } = JSON.parse(text) as { readonly items: readonly ApiObject[] };
  const versions = items.map(
    ({ kind, metadata: { namespace = '', name, resourceVersion } }) =>
      `${kind} ${namespace}/${name} ${resourceVersion}`,
  );
  const spec =
    '{range .items[*]}{.metadata.name} {.metadata.labels} {.metadata.annotations} {.spec}{"\\n"}{end}';
  const node0 = await kubectl(node, ['get', 'nodes', '-o', `jsonpath=${spec}`]);
  return [...versions.sort(), node0];
}

test('dry runs change nothing, and patches for every target and type reach the cluster', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node, { init: { patches: { directory: patches } } });
    await writePatches(node);
    const everything = [
      '/etc',
      '/opt',
      '/root',
      '/var/lib/kubelet',
      '/var/lib/etcd',
      '/var/lib/cni',
      '/run/kubeadm',
    ];
    const clean = await state(node, everything);
    const dry = await runKubeadm(node, ['init', '--config', configFile, '--dry-run']);
    expect(dry).toContain('kube-apiserver');
    expect(await state(node, everything)).toEqual(clean);
    await node.mustExec(['rm', '-rf', '/etc/kubernetes']);

    await runKubeadm(node, ['init', '--config', configFile]);
    await expectWorkingCluster(lab, node);
    const marks = {
      'patched.test/strategic': 'yes',
      'patched.test/merge': 'yes',
      'patched.test/json': 'yes',
    };
    for (const name of statics) {
      const pod = await kubectl(node, [
        '-n',
        'kube-system',
        'get',
        'pod',
        `${name}-${nodeName}`,
        '-o',
        'json',
      ]);
      expect(JSON.parse(pod)).toMatchObject({ metadata: { annotations: marks } });
      if (name === 'kube-scheduler') expect(pod).toMatch(/"name": "PATCHED",\s+"value": "yes"/);
    }
    const dns = await kubectl(node, ['-n', 'kube-system', 'get', 'deployment', 'coredns', '-o', 'json']);
    expect(JSON.parse(dns)).toMatchObject({ metadata: { annotations: marks } });
    const config = await kubectl(node, ['get', '--raw', `/api/v1/nodes/${nodeName}/proxy/configz`]);
    expect(JSON.parse(config)).toMatchObject({
      kubeletconfig: { maxPods: 71, podPidsLimit: 4321, containerLogMaxFiles: 7 },
    });

    // On a running control plane, the checks find ports and files in use, which must all be ignored.
    const { imagePullPolicy } = lab.adaptations;
    await writeConfig(lab, node, {
      init: {
        patches: { directory: patches },
        nodeRegistration: { imagePullPolicy, ignorePreflightErrors: ['all'] },
      },
    });
    const written = ['/etc', '/opt', '/root/patches', configFile, '/var/lib/kubelet/config.yaml'];
    const running = [await state(node, written), await objects(node)];
    await runKubeadm(node, ['init', '--config', configFile, '--dry-run']);
    await runKubeadm(node, ['reset', '-f', '--dry-run']);
    expect([await state(node, written), await objects(node)]).toEqual(running);
  });
});
