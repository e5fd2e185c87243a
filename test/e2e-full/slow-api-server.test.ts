/**
 * An API server that answers early and is ready late. Init waits as long as `controlPlaneComponentHealthCheck` allows.
 */
import { expect, test } from 'vitest';

import type { LabNode } from '../../lab/index.ts';
import { execKubeadm } from '../support/events.ts';
import { configFile, expectWorkingCluster, withNode, writeConfig } from '../support/node.ts';

const argument = (name: string, value: string): object => ({ name, value });

/**
 * Requests of the API server for a ClusterRole wait for this service. The first three come before the ClusterRole
 * cluster-admin is created; until then, only system:masters has any permissions.
 */
const auditService = `
use strict; use IO::Socket::INET; use Time::HiRes qw(sleep);
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 9999, Listen => 128, ReuseAddr => 1) or die;
my $requests = 0;
while (1) {
  my $client = $server->accept or next;
  $requests++;
  next if fork;
  my $text = '';
  while ($text !~ /\\r\\n\\r\\n/) { sysread($client, $text, 65536, length $text) or exit }
  my ($length) = $text =~ /content-length: (\\d+)/i;
  while (length($text) - index($text, "\\r\\n\\r\\n") - 4 < ($length // 0)) { sysread($client, $text, 65536, length $text) or exit }
  sleep $ARGV[0] if $requests <= 3;
  print $client "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}";
  exit;
}
`;

const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [ResponseComplete]
rules:
- level: Metadata
  users: ["system:apiserver"]
  verbs: [get]
  resources: [{ group: rbac.authorization.k8s.io, resources: [clusterroles] }]
- level: None
`;

const webhook = `apiVersion: v1
kind: Config
clusters: [{ name: audit, cluster: { server: "http://127.0.0.1:9999/" } }]
contexts: [{ name: audit, context: { cluster: audit } }]
current-context: audit
`;

async function slowDownRbac(node: LabNode, seconds: string): Promise<object> {
  const folder = '/etc/audit';
  await node.writeFile(`${folder}/policy.yaml`, policy);
  await node.writeFile(`${folder}/webhook.yaml`, webhook);
  await node.writeFile('/root/audit.pl', auditService);
  await node.mustExec(['sh', '-c', `setsid perl /root/audit.pl ${seconds} >/dev/null 2>&1 </dev/null &`]);
  return {
    extraArgs: [
      argument('audit-policy-file', `${folder}/policy.yaml`),
      argument('audit-webhook-config-file', `${folder}/webhook.yaml`),
      argument('audit-webhook-mode', 'blocking-strict'),
      argument('audit-webhook-initial-backoff', '1s'),
    ],
    extraVolumes: [
      { name: 'audit', hostPath: folder, mountPath: folder, readOnly: true, pathType: 'Directory' },
    ],
  };
}

test('init succeeds with an API server that takes more than a minute for its RBAC bootstrap', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node, { cluster: { apiServer: await slowDownRbac(node, '25') } });
    const { code, events, stderr, stdout } = await execKubeadm(node, ['init', '--config', configFile], {
      timeoutMs: 400_000,
    });
    expect(code, stdout + stderr).toBe(0);
    const healthy = events.flatMap(({ event }) =>
      event.type === 'component-healthy' && event.component === 'kube-apiserver' ? [event.milliseconds] : [],
    );
    const seconds = Math.max(...healthy) / 1000;
    console.log(`the API server was healthy ${seconds.toFixed(1)} s after its first answer`);
    expect(seconds).toBeGreaterThan(70);
    await expectWorkingCluster(lab, node);
  });
});

test('init succeeds with an API server that is killed once after its first answer', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    const address = node.addresses.ipv4 ?? '';
    const kill =
      `until printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' | timeout 2 openssl s_client -quiet -connect ${address}:6443 2>&1 | ` +
      'grep -q ^HTTP/; do sleep 0.02; done; ' +
      'kill -9 $(pidof kube-apiserver) && touch /root/killed';
    await node.mustExec(['sh', '-c', `(${kill}) >/dev/null 2>&1 </dev/null &`]);
    const { code, stderr, stdout } = await execKubeadm(node, ['init', '--config', configFile], {
      timeoutMs: 400_000,
    });
    expect(code, stdout + stderr).toBe(0);
    await node.mustExec(['test', '-e', '/root/killed']);
    await expectWorkingCluster(lab, node);
  });
});
