import { describe, expect, test } from 'vitest';

import { messageOf, NetError } from '../errors.ts';
import { etcdMember } from '../etcd/cluster.fixture.ts';
import { parseKubeconfig } from '../kubeconfig/parse.ts';
import { parseCertificates } from '../pki/files.ts';
import { kept, type LiveNode, liveAgain, liveNode, pki, renew, text } from './renew-restart.fixture.ts';

const controllerManager = '/etc/kubernetes/controller-manager.conf';
const scheduler = '/etc/kubernetes/scheduler.conf';

function certificateIn(kubeconfig: string): string {
  return parseKubeconfig(kubeconfig, 'kubeconfig').users[0]?.clientCertificateData ?? '';
}

function subjectOf(certificate: string): string {
  return certificate === '' ? '' : parseCertificates(certificate, 'certificate').certificate.commonName;
}

function running({ host }: LiveNode, component: string): string | undefined {
  return [...host.runtime.containers.values()].find(({ name }) => name === component)?.state;
}

const left = ({ host }: LiveNode): readonly string[] =>
  Object.keys(host.snapshot()).filter((path) => path.startsWith(kept));

describe('certs renew --restart', () => {
  test('restarts the components that read their certificate only when they start', async () => {
    const node = await liveNode();
    const { error, events, result } = await renew(node, { restart: true });
    expect(error).toBeUndefined();
    expect(result?.certificates.every(({ outcome }) => outcome === 'renewed')).toBe(true);
    expect(result?.certificates).toHaveLength(11);
    expect(node.ended()).toEqual(['kube-controller-manager', 'kube-scheduler']);
    expect(events.filter(({ type }) => type === 'certificates-taken-up')).toMatchObject([
      { component: 'etcd', certificates: ['etcd-server', 'etcd-peer'], restarted: false },
      {
        component: 'kube-apiserver',
        certificates: [
          'apiserver',
          'apiserver-etcd-client',
          'apiserver-kubelet-client',
          'front-proxy-client',
        ],
        restarted: false,
      },
      { component: 'kube-controller-manager', certificates: ['controller-manager.conf'], restarted: true },
      { component: 'kube-scheduler', certificates: ['scheduler.conf'], restarted: true },
    ]);
    expect(left(node)).toEqual([]);
  });

  test('renews one certificate and restarts its component alone', async () => {
    const node = await liveNode();
    const { error, result } = await renew(node, { restart: true, names: ['scheduler.conf'] });
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ certificates: [{ name: 'scheduler.conf' }], inUse: [] });
    expect(node.ended()).toEqual(['kube-scheduler']);
  });
});

describe('a renewed certificate that does not work', () => {
  test('is put back before anything is restarted if the API server does not accept it', async () => {
    const node = await liveNode();
    const before = text(node, controllerManager);
    const old = certificateIn(before);
    node.accepts = (certificate) => certificate === old || !/controller-manager/.test(subjectOf(certificate));
    const { error, events } = await renew(node, { restart: true });
    expect(error).toMatchObject({
      code: 'kube-api',
      details: { putBack: ['controller-manager.conf'], problems: [] },
    });
    expect(messageOf(error)).toMatch(
      /^couldn't renew the certificates of kube-controller-manager: the API server at \S+ refuses the client certificate of \S+controller-manager\.conf: status 401\n.*put the earlier certificates of kube-controller-manager back, and it runs with them$/,
    );
    expect(text(node, controllerManager)).toBe(before);
    expect(node.ended()).toEqual([]);
    expect(events.filter(({ type }) => type === 'certificates-put-back')).toHaveLength(1);
    expect(left(node)).toEqual([]);
  });

  test('is put back at once if it trusts another API server', async () => {
    const node = await liveNode();
    const before = text(node, scheduler);
    const { intercept } = node.host.api;
    node.host.api.intercept = (request) => {
      if (subjectOf(request.kubeconfig.users[0]?.clientCertificateData ?? '') !== 'system:kube-scheduler')
        return intercept?.(request);
      return new NetError('not trusted', 'SELF_SIGNED_CERT_IN_CHAIN');
    };
    const start = node.host.clock.monotonic();
    const { error } = await renew(node, { restart: true, names: ['scheduler.conf'] });
    expect(error).toMatchObject({ details: { putBack: ['scheduler.conf'], problems: [] } });
    expect(text(node, scheduler)).toBe(before);
    expect(node.ended()).toEqual([]);
    expect(node.host.clock.monotonic() - start).toBeLessThan(10_000);
  });

  test('is put back with a second restart if the component does not run with it, with the cause', async () => {
    const node = await liveNode();
    const before = text(node, scheduler);
    node.fails = (component, kubeconfig) => component === 'kube-scheduler' && kubeconfig !== before;
    const { error } = await renew(node, { restart: true });
    expect(error).toMatchObject({
      details: { component: 'kube-scheduler', putBack: ['scheduler.conf'], problems: [] },
    });
    expect(messageOf(error)).toContain('unknown flag: --nope');
    expect(text(node, scheduler)).toBe(before);
    expect(running(node, 'kube-scheduler')).toBe('running');
    // The components before it were proved, and keep their new certificates.
    expect(node.ended()).toEqual(['kube-controller-manager', 'kube-scheduler']);
    expect(left(node)).toEqual([]);
  });

  test('leaves an error with both problems if the component does not run with the earlier one either', async () => {
    const node = await liveNode();
    const before = text(node, scheduler);
    node.fails = (component) => component === 'kube-scheduler';
    const { error } = await renew(node, { restart: true, names: ['scheduler.conf'] });
    expect(error).toMatchObject({ details: { putBack: ['scheduler.conf'] } });
    expect(messageOf(error)).toContain(
      'but it does not run again: kube-scheduler does not work with its earlier certificates: ',
    );
    expect(text(node, scheduler)).toBe(before);
    expect(left(node)).toEqual([]);
  });

  test('is put back if a server does not present it', async () => {
    const node = await liveNode();
    const before = node.host.snapshot();
    node.stuck.set(2379, text(node, `${pki}/etcd/server.crt`));
    const { error } = await renew(node, { restart: true, names: ['etcd-peer', 'etcd-server'] });
    expect(messageOf(error)).toMatch(
      /for etcd to serve the certificate etcd-server of its file .*it serves another certificate/,
    );
    expect(node.host.snapshot()).toEqual(before);
    expect(left(node)).toEqual([]);
  });

  test('is put back if the members of etcd lose their quorum with it', async () => {
    const node = await liveNode();
    const before = text(node, `${pki}/etcd/server.crt`);
    node.host.gate.onWrite(({ target }) => {
      if (target !== `${pki}/etcd/server.crt`) return;
      node.host.etcdCluster.hasQuorum = text(node, `${pki}/etcd/server.crt`) === before;
    });
    const { error } = await renew(node, { restart: true, names: ['etcd-server'] });
    expect(error).toMatchObject({ details: { putBack: ['etcd-server'], problems: [] } });
    expect(text(node, `${pki}/etcd/server.crt`)).toBe(before);
  });

  test('is put back if the member of this node does not vote with it, although the others have a quorum', async () => {
    const node = await liveNode();
    const before = text(node, `${pki}/etcd/server.crt`);
    const { members } = node.host.etcdCluster;
    const [own] = members.values();
    if (own === undefined) throw new Error('the node has no member');
    members.set('b', etcdMember('b', '10.0.0.6'));
    node.host.gate.onWrite(({ target }) => {
      if (target !== `${pki}/etcd/server.crt`) return;
      members.set(own.id, { ...own, isLearner: text(node, `${pki}/etcd/server.crt`) !== before });
    });
    const { error } = await renew(node, { restart: true, names: ['etcd-server'] });
    expect(error).toMatchObject({ details: { putBack: ['etcd-server'], problems: [] } });
    expect(messageOf(error)).toContain('etcd has no voting member of this node');
    expect(text(node, `${pki}/etcd/server.crt`)).toBe(before);
  });

  test('of an administrator is put back, and nothing else is renewed', async () => {
    const node = await liveNode();
    const before = node.host.snapshot();
    const old = certificateIn(text(node, '/etc/kubernetes/admin.conf'));
    node.accepts = (certificate) => certificate === old || !/kubernetes-admin/.test(subjectOf(certificate));
    const { error } = await renew(node, { restart: true, names: ['admin.conf', 'apiserver'] });
    expect(error).toMatchObject({ code: 'certificate-invalid' });
    expect(messageOf(error)).toMatch(
      /of admin\.conf, so kubeadm put the earlier ones back: the API server at \S+ refuses the client certificate of \S+admin\.conf: status 401$/,
    );
    expect(node.host.snapshot()).toEqual(before);
  });

  test('stays if the component did not work before either', async () => {
    const node = await liveNode();
    node.host.etcdCluster.hasQuorum = false;
    const before = text(node, `${pki}/etcd/server.crt`);
    const { error } = await renew(node, { restart: true, names: ['etcd-server'] });
    expect(messageOf(error)).toContain(
      'It did not work before the renewal either, so the new certificates stay',
    );
    expect(text(node, `${pki}/etcd/server.crt`)).not.toBe(before);
    expect(left(node)).toEqual([]);
  });

  test('is replaced by the one from before the first run, if a run was cut off before its proof', async () => {
    const node = await liveNode();
    const proved = text(node, scheduler);
    const writes = node.host.gate.writes.length;
    node.host.gate.onWrite(({ target }, count) => {
      if (target === scheduler && count > writes && !node.host.gate.crashed())
        node.host.gate.crashAfter(count);
    });
    await renew(node, { restart: true, names: ['scheduler.conf'] });
    expect(text(node, scheduler)).not.toBe(proved);
    expect(left(node).some((path) => path.endsWith(scheduler))).toBe(true);
    const again = await liveAgain(node);
    again.accepts = (certificate) => certificate !== '' && !/kube-scheduler/.test(subjectOf(certificate));
    const { error } = await renew(again, { restart: true, names: ['scheduler.conf'] });
    expect(error).toMatchObject({ details: { putBack: ['scheduler.conf'] } });
    expect(text(again, scheduler)).toBe(proved);
    expect(left(again)).toEqual([]);
  });

  test('is not mixed with the key of the earlier one, of which a run that was cut off has kept only the key', async () => {
    const node = await liveNode();
    const [key, certificate] = [`${pki}/etcd/server.key`, `${pki}/etcd/server.crt`];
    const before = [text(node, key), text(node, certificate)];
    node.host.gate.onWrite(({ target }, count) => {
      if (target.startsWith(kept) && target.endsWith(key)) node.host.gate.crashAfter(count);
    });
    await renew(node, { restart: true, names: ['etcd-server'] });
    expect(left(node).filter((path) => /\.(key|crt)$/.test(path))).toEqual([`${kept}/etcd${key}`]);
    expect([text(node, key), text(node, certificate)]).toEqual(before);
    const again = await liveAgain(node);
    again.host.etcdCluster.hasQuorum = false;
    const { error } = await renew(again, { restart: true, names: ['etcd-server'] });
    expect(error).toMatchObject({ details: { putBack: [] } });
    expect(text(again, key)).not.toBe(before[0]);
    expect(text(again, certificate)).not.toBe(before[1]);
  });
});

test('a run is refused beside another one, before it changes anything', async () => {
  const node = await liveNode();
  const before = node.host.snapshot();
  let refused: unknown;
  node.host.gate.onWrite(({ target }) => {
    if (target.startsWith('/run/kubeadm-run-') && refused === undefined)
      refused = renew(node, { restart: true });
  });
  const own = await renew(node, { restart: true, names: ['scheduler.conf'] });
  const errors = [own.error, ((await refused) as typeof own).error];
  expect(errors).toContainEqual(expect.objectContaining({ code: 'unfinished-run' }));
  expect(text(node, `${pki}/apiserver.crt`)).toBe(before[`${pki}/apiserver.crt`]?.text);
});

test('an interrupted run completes the component of now, and touches no other one', async () => {
  const node = await liveNode();
  const before = text(node, scheduler);
  const interruption = new AbortController();
  node.host.gate.onWrite(({ target }) => {
    if (target.startsWith('stopContainer')) interruption.abort(new Error('enough'));
  });
  const { error, events } = await renew(node, { restart: true }, interruption.signal);
  expect(error).toMatchObject({ code: 'interrupted', message: 'enough' });
  expect(events.at(-1)).toMatchObject({
    type: 'certificates-taken-up',
    component: 'kube-controller-manager',
  });
  expect(text(node, scheduler)).toBe(before);
  expect(left(node)).toEqual([]);
});

test('nothing is renewed and nothing is restarted with an external authority', async () => {
  const node = await liveNode();
  for (const name of ['ca', 'etcd/ca', 'front-proxy-ca']) await node.host.files.remove(`${pki}/${name}.key`);
  const before = node.host.snapshot();
  const { error, result } = await renew(node, { restart: true });
  expect(error).toBeUndefined();
  expect(result?.certificates.every(({ outcome }) => outcome === 'external')).toBe(true);
  expect(node.host.snapshot()).toEqual(before);
  expect(node.ended()).toEqual([]);
});

test('a component with certificates of its own is not asked', async () => {
  const node = await liveNode();
  const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
  const own = text(node, manifest).replace(
    `--tls-cert-file=${pki}/apiserver.crt`,
    '--tls-cert-file=/own.crt',
  );
  node.host.disk.put({ [manifest]: own });
  node.stuck.set(6443, text(node, `${pki}/etcd/server.crt`));
  expect((await renew(node, { names: ['apiserver'] })).result?.inUse).toEqual([]);
  expect((await renew(node, { restart: true, names: ['apiserver'] })).error).toBeUndefined();
});

describe('certs renew without --restart', () => {
  test('warns of each component that still uses its old certificate', async () => {
    const node = await liveNode();
    const { events, result } = await renew(node);
    expect(result?.inUse).toEqual([
      { component: 'kube-controller-manager', certificate: 'controller-manager.conf' },
      { component: 'kube-scheduler', certificate: 'scheduler.conf' },
    ]);
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event] : []));
    expect(warnings.map(({ code }) => code)).toEqual(['old-certificate-in-use', 'old-certificate-in-use']);
    expect(warnings[1]?.message).toBe(
      "kube-scheduler still uses the old certificate scheduler.conf, because it reads it only when it starts. Restart it, for example with 'kubeadm certs renew scheduler.conf --restart'",
    );
    expect(node.ended()).toEqual([]);
  });

  test('does not end as a success if it is interrupted while it asks a component', async () => {
    const node = await liveNode();
    const interruption = new AbortController();
    node.host.machine.served.set('https://10.0.0.5:6443', () => {
      interruption.abort(new Error('enough'));
      return undefined;
    });
    const { error } = await renew(node, { names: ['apiserver'] }, interruption.signal);
    expect(error).toMatchObject({ code: 'interrupted', message: 'enough' });
  });
});
