/** Clusters of many nodes with one difference each, from init to the reset of every node. */
import { expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { kubectl } from '../../lab/cluster.ts';
import type { LabNode } from '../../lab/index.ts';
import { discoveries } from '../support/discovery.ts';
import { startExternalEtcd } from '../support/external-etcd.ts';
import { run, upstream } from '../support/interop.ts';
import {
  allNodes,
  expectReady,
  expectResets,
  first,
  type InitOptions,
  initFirst,
  joinAll,
  joinNode,
  type Machines,
  type MachinesOptions,
  type Program,
  withMachines,
  withOlderKubelet,
} from '../support/many.ts';
import { runSuite } from '../support/node.ts';

const ours: Program = 'kubeadm';

interface Scenario {
  readonly name: string;
  readonly size: Pick<MachinesOptions, 'controlPlanes' | 'workers' | 'more'>;
  /** Prepares the machines before init. Returns the fields of the configurations. */
  readonly prepare?: (
    machines: Machines,
  ) => Promise<{ readonly init: InitOptions['fields']; readonly join?: Readonly<Record<string, unknown>> }>;
  /** Expectations of the finished cluster. */
  readonly check?: (machines: Machines) => Promise<void>;
  /** The program that runs init and reset. Defaults to this kubeadm. */
  readonly initProgram?: Program;
  /** The program that joins nodes. Defaults to this kubeadm. */
  readonly joinProgram?: Program;
  readonly machines?: () => Promise<Pick<MachinesOptions, 'components' | 'lab'>>;
}

const patches = '/etc/kubeadm-patches';
const patched = { metadata: { annotations: { patched: 'true' } } };
const patchFiles: Readonly<Record<string, string>> = {
  'kube-apiserver.yaml': JSON.stringify(patched),
  'kube-controller-manager+merge.json': JSON.stringify(patched),
  'kube-scheduler0+strategic.yaml': JSON.stringify(patched),
  'etcd+json.json': '[{"op": "add", "path": "/metadata/annotations/patched", "value": "true"}]',
  'kubeletconfiguration.yaml': 'shutdownGracePeriod: 1s\n',
};

async function writePatches(nodes: readonly LabNode[]): Promise<void> {
  for (const node of nodes) {
    for (const [name, text] of Object.entries(patchFiles)) await node.writeFile(`${patches}/${name}`, text);
  }
}

async function expectPatches({ controlPlanes, workers }: Machines): Promise<void> {
  for (const node of controlPlanes) {
    for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
      expect(await node.readFile(`/etc/kubernetes/manifests/${name}.yaml`)).toContain('patched: "true"');
    }
  }
  for (const node of [...controlPlanes, ...workers]) {
    expect(await node.readFile('/var/lib/kubelet/config.yaml')).toContain('shutdownGracePeriod: 1s');
  }
}

const users = [
  ['kube-apiserver', 'kubeadm-kas'],
  ['kube-controller-manager', 'kubeadm-kcm'],
  ['kube-scheduler', 'kubeadm-ks'],
  ['etcd', 'kubeadm-etcd'],
] as const;

async function expectUsers({ controlPlanes }: Machines): Promise<void> {
  for (const node of controlPlanes) {
    const list = await node.mustExec(['ps', '-eo', 'comm=,user:32=,supgrp:200=']);
    for (const [program, user] of users) {
      const line = list.split('\n').find((one) => one.startsWith(program.slice(0, 15)));
      expect(line?.split(/\s+/)[1], `${program} on ${node.name}`).toBe(user);
    }
  }
}

/** The keys of the PKI and of the kubeconfig files, except the kubelet's own. */
async function expectEllipticKeys(node: LabNode): Promise<void> {
  const script = `cd /etc/kubernetes; for f in $(find pki -name '*.key'); do openssl pkey -in $f -noout -text | sed -n "s|^ASN1 OID: |$f |p"; done
for f in *.conf; do [ $f = kubelet.conf ] || sed -n 's/.*client-key-data: //p' $f | base64 -d | openssl pkey -noout -text | sed -n "s|^ASN1 OID: |$f |p"; done`;
  const lines = (await node.mustExec(['sh', '-ec', script])).trim().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(14);
  expect(lines.filter((line) => !line.endsWith(' secp384r1'))).toEqual([]);
}

async function expectKubelet(machines: Machines, node: string, version: string): Promise<void> {
  const path = 'jsonpath={.status.nodeInfo.kubeletVersion}';
  expect(await kubectl(first(machines), ['get', 'node', node, '-o', path])).toBe(version);
}

const scenarios: readonly Scenario[] = [
  {
    name: 'an external etcd of three members over TLS',
    size: {
      controlPlanes: 3,
      workers: 1,
      more: ['e1', 'e2', 'e3'].map((name) => ({ name, kind: 'host' as const })),
    },
    prepare: async ({ controlPlanes: [cp1], lab }) => {
      const hosts = ['e1', 'e2', 'e3'].map(lab.node);
      // The other control planes get the client's certificate from the uploaded ones.
      const external = await startExternalEtcd(hosts, { tls: true, clients: cp1 === undefined ? [] : [cp1] });
      return { init: { cluster: { etcd: { external } } } };
    },
  },
  {
    name: 'patches on two control planes and a worker',
    size: { controlPlanes: 2, workers: 1 },
    prepare: async ({ controlPlanes, workers }) => {
      await writePatches([...controlPlanes, ...workers]);
      const directory = { patches: { directory: patches } };
      return { init: { init: directory }, join: directory };
    },
    check: expectPatches,
  },
  {
    name: 'the components of two control planes without root',
    size: { controlPlanes: 2, workers: 1 },
    prepare: async () => ({ init: { cluster: { featureGates: { RootlessControlPlane: true } } } }),
    check: expectUsers,
  },
  {
    name: 'ECDSA-P384 for every key, before and after the renewal',
    size: { controlPlanes: 1, workers: 1 },
    prepare: async () => ({ init: { cluster: { encryptionAlgorithm: 'ECDSA-P384' } } }),
    check: async (machines) => {
      await expectEllipticKeys(first(machines));
      await run(first(machines), ours, 'certs renew all');
      await expectEllipticKeys(first(machines));
    },
  },
  {
    name: 'a control plane and a worker whose kubelets are one minor older',
    size: { controlPlanes: 2, workers: 1 },
    machines: async () => {
      const older = await withOlderKubelet(await ensureComponents());
      return { components: { cp2: older, w1: older } };
    },
    check: async (machines) => {
      await expectKubelet(machines, 'cp1', 'v1.36.2');
      await expectKubelet(machines, 'cp2', 'v1.35.4');
      await expectKubelet(machines, 'w1', 'v1.35.4');
    },
  },
  {
    name: 'a control plane one minor older than this kubeadm',
    size: { controlPlanes: 2, workers: 1 },
    machines: async () => ({ lab: { components: await ensureComponents({ kubernetes: '1.35' }) } }),
    check: async (machines) => {
      const version = JSON.parse(await kubectl(first(machines), ['get', '--raw', '/version'])) as unknown;
      expect(version).toMatchObject({ gitVersion: 'v1.35.4' });
    },
  },
  {
    name: "a cluster of upstream's kubeadm, which a control plane and a worker join with this one",
    size: { controlPlanes: 2, workers: 1 },
    initProgram: upstream,
  },
  {
    name: "a cluster of this kubeadm, which a control plane and a worker join with upstream's",
    size: { controlPlanes: 2, workers: 1 },
    joinProgram: upstream,
  },
];

test.each(scenarios)('$name', async (scenario) => {
  const { check, initProgram, joinProgram, machines: special, prepare, size } = scenario;
  const use = async (machines: Machines): Promise<void> => {
    const fields = await prepare?.(machines);
    const invitation = await initFirst(machines, {
      ...(initProgram === undefined ? {} : { program: initProgram }),
      ...(fields?.init === undefined ? {} : { fields: fields.init }),
    });
    await joinAll(machines, {
      invitation,
      ...(joinProgram === undefined ? {} : { programOf: () => joinProgram }),
      ...(fields?.join === undefined ? {} : { join: fields.join }),
    });
    await expectReady(machines, allNodes(machines));
    await check?.(machines);
    await runSuite(first(machines), []);
    await expectResets(machines, initProgram);
  };
  await withMachines(use, { ...size, ...(await special?.()) });
});

test('each way of discovery makes a Ready node', async () => {
  const variants = Object.entries(discoveries);
  await withMachines(
    async (machines) => {
      const invitation = await initFirst(machines);
      for (const [index, [name, discover]] of variants.entries()) {
        const node = machines.workers[index];
        if (node === undefined) throw new RangeError(`no worker for ${name}`);
        const found = await discover(machines, node, invitation);
        await joinNode(machines, node, { invitation, ...found }).catch((error: unknown) => {
          throw new Error(`${name}: ${String(error)}`, { cause: error });
        });
      }
      await expectReady(machines, allNodes(machines));
      await runSuite(first(machines));
      await expectResets(machines);
    },
    { workers: variants.length },
  );
});
