/** A wait that cannot succeed ends early and names the cause. A wait that can succeed does not end early. */
import { describe, expect, test } from 'vitest';

import {
  argument,
  errorIn,
  missingImage,
  type Preparation,
  prepare,
  replaceProgram,
  timedInit,
} from '../support/faulty-node.ts';
import { configFile, expectWorkingCluster, runKubeadm, withNode, writeConfig } from '../support/node.ts';

const limitSeconds = 15;

interface Case extends Preparation {
  readonly name: string;
  /** Matches the first line of the error. */
  readonly cause: RegExp;
  /** Matches the lines below it. */
  readonly evidence: RegExp;
  readonly advice: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'a flag that the API server does not know',
    fields: { cluster: { apiServer: { extraArgs: argument('nonsense', 'x') } } },
    cause: /kube-apiserver does not know the flag --nonsense.*exit code 1/,
    evidence: /Error: unknown flag: --nonsense/,
    advice: /apiServer\.extraArgs.*run the same command again/,
  },
  {
    name: 'a flag that the scheduler does not know',
    fields: { cluster: { scheduler: { extraArgs: argument('nonsense', 'x') } } },
    cause: /kube-scheduler does not know the flag --nonsense.*exit code 1/,
    evidence: /unknown flag: --nonsense/,
    advice: /scheduler\.extraArgs/,
  },
  {
    name: 'a flag that etcd does not know',
    fields: { cluster: { etcd: { local: { extraArgs: argument('nonsense', '1') } } } },
    cause: /etcd does not know the flag -nonsense.*exit code 2/,
    evidence: /flag provided but not defined: -nonsense/,
    advice: /etcd\.local\.extraArgs/,
  },
  {
    name: 'a value that etcd refuses',
    fields: { cluster: { etcd: { local: { extraArgs: argument('heartbeat-interval', 'abc') } } } },
    cause: /etcd refuses the value of a flag \(--heartbeat-interval\).*exit code 2/,
    evidence: /invalid value "abc" for flag -heartbeat-interval/,
    advice: /etcd\.local\.extraArgs/,
  },
  {
    name: 'an admission plug-in that is unknown',
    fields: {
      cluster: {
        apiServer: { extraArgs: argument('enable-admission-plugins', 'NodeRestriction,Nonsense') },
      },
    },
    cause: /kube-apiserver does not know the admission plug-in Nonsense.*exit code 1/,
    evidence: /enable-admission-plugins plugin .*Nonsense.* is unknown/,
    advice: /apiServer\.extraArgs/,
  },
  {
    name: 'an image that is missing',
    patches: { 'kube-apiserver.yaml': missingImage('kube-apiserver') },
    cause: /the image registry\.k8s\.io\/kube-apiserver:v9\.9\.9 is not on this node and cannot be pulled/,
    evidence: /failed to pull|failed to resolve/,
    advice: /kubeadm config images pull/,
  },
  {
    name: 'an image that is missing and must not be pulled',
    patches: { 'kube-scheduler.yaml': `${missingImage('kube-scheduler')}    imagePullPolicy: Never\n` },
    cause: /the image registry\.k8s\.io\/kube-scheduler:v9\.9\.9 is not on this node/,
    evidence: /imagePullPolicy is Never/,
    advice: /Put the image on this node/,
  },
  {
    name: 'the sandbox image is missing',
    prepare: 'ctr -n k8s.io images ls -q | grep /pause: | xargs ctr -n k8s.io images rm',
    ignore: ['ImagePull'],
    cause: /no Pod can start: .*sandbox image registry\.k8s\.io\/pause:/,
    evidence: /failed to pull/,
    advice: /pinned_images\.sandbox/,
  },
  {
    name: 'runc fails',
    prepare: replaceProgram('"$(command -v runc)"', 'echo runc: this cannot work >&2', 'exit 1'),
    cause: /no Pod can start: .*cannot make a sandbox/,
    evidence: /runc did not terminate successfully/,
    advice: /runc --version/,
  },
  {
    name: 'the kubelet does not know a flag',
    kubeletExtraArgs: [{ name: 'nonsense', value: 'x' }],
    cause: /the kubelet exits.*exit code 1.*unknown flag: --nonsense/,
    evidence: /failed to parse kubelet flag/,
    advice: /kubeletExtraArgs/,
  },
  {
    name: 'a kubelet that exits at once',
    prepare: replaceProgram(
      '/usr/bin/kubelet',
      'case "$1" in --version*) echo Kubernetes v1.36.2; exit 0;; esac',
      'echo this is no kubelet >&2',
      'exit 3',
    ),
    cause: /the kubelet exits.*exit code 3/,
    evidence: /this is no kubelet/,
    advice: /journalctl -xeu kubelet/,
  },
];

describe('a wait that cannot succeed ends early', () => {
  test.each(cases.map((made) => [made.name, made] as const))('%s', async (_name, made) => {
    await withNode(async (lab, node) => {
      await prepare(lab, node, made);
      const { code, output, seconds } = await timedInit(node);
      const error = errorIn(output);
      console.log(`${made.name}: ${seconds.toFixed(1)} s\n${error}`);
      expect(code).toBe(1);
      const first = error.split('\n', 1)[0];
      expect(first).toMatch(
        /^error execution phase wait-control-plane\S*: failed while waiting for the control plane to start: /,
      );
      expect(first).toMatch(made.cause);
      expect(error).toMatch(made.evidence);
      expect(error).toMatch(made.advice);
      expect(seconds).toBeLessThanOrEqual(limitSeconds);
    });
  });
});

describe('a wait that can succeed does not end', () => {
  test('both cores loaded, and the API server killed once', async () => {
    await withNode(async (lab, node) => {
      await writeConfig(lab, node);
      const busy = 'for i in 1 2 3; do (while :; do :; done) & done; echo $! > /root/busy';
      const kill =
        'until pidof kube-apiserver; do sleep 0.05; done; sleep 1; kill -9 $(pidof kube-apiserver) && touch /root/killed';
      await node.mustExec(['sh', '-c', `(${busy}; ${kill}; sleep 300) >/dev/null 2>&1 </dev/null &`]);
      const { code, output, seconds } = await timedInit(node);
      console.log(`loaded, API server killed once: ${seconds.toFixed(1)} s`);
      expect(code, output).toBe(0);
      await node.mustExec(['test', '-e', '/root/killed']);
      const containers = await node.mustExec(['sh', '-c', 'ls /var/log/pods/*/kube-apiserver']);
      expect(containers).toContain('1.log');
    });
  });

  test('the kubelet long before the manifests: it exits again and again until then', async () => {
    await withNode(async (lab, node) => {
      await writeConfig(lab, node);
      const config = ['--config', configFile];
      await runKubeadm(node, ['init', 'phase', 'kubelet-start', ...config]);
      const ended = 'until [ "$(systemctl show kubelet -p NRestarts --value)" -ge 2 ]; do sleep 0.2; done';
      await node.mustExec(['sh', '-c', ended], { timeoutMs: 60_000 });
      for (const phase of ['certs', 'kubeconfig', 'control-plane']) {
        await runKubeadm(node, ['init', 'phase', phase, 'all', ...config]);
      }
      await runKubeadm(node, ['init', 'phase', 'etcd', 'local', ...config]);
      await runKubeadm(node, ['init', 'phase', 'wait-control-plane']);
      for (const phase of ['upload-config all', 'mark-control-plane', 'bootstrap-token', 'addon all']) {
        await runKubeadm(node, ['init', 'phase', ...phase.split(' '), ...config]);
      }
      await runKubeadm(node, ['init', 'phase', 'upload-certs', '--upload-certs', ...config]);
      await runKubeadm(node, ['init', 'phase', 'kubelet-finalize', 'all', ...config]);
      await expectWorkingCluster(lab, node);
    });
  });

  test('the same node again, corrected: containers that failed before are not evidence', async () => {
    await withNode(async (lab, node) => {
      const patch = '/root/patches/kube-apiserver+json.json';
      const add = { op: 'add', path: '/spec/containers/0/command/-', value: '--nonsense=x' };
      await prepare(lab, node, { patches: {} });
      await node.writeFile(patch, JSON.stringify([add]));
      const failed = await timedInit(node);
      expect(failed.output).toContain('kube-apiserver does not know the flag --nonsense');
      await node.writeFile(patch, '[]');
      const again = await timedInit(node);
      console.log(`corrected: ${again.seconds.toFixed(1)} s`);
      expect(again.code, again.output).toBe(0);
    });
  });

  test('a bad argument of the configuration, corrected: the same command resumes and succeeds', async () => {
    await withNode(async (lab, node) => {
      const bad = { apiServer: { extraArgs: argument('nonsense', 'x') } };
      await prepare(lab, node, { fields: { cluster: bad } });
      const failed = await timedInit(node);
      expect(failed.output).toContain('kube-apiserver does not know the flag --nonsense');
      await prepare(lab, node, {});
      const start = performance.now();
      const again = await timedInit(node);
      console.log(`extraArgs corrected: ${((performance.now() - start) / 1000).toFixed(1)} s`);
      expect(again.code, again.output).toBe(0);
      await expectWorkingCluster(lab, node);
    });
  });
});
