import type { Rule } from '../finding.ts';
import type { Remedy } from '../remedy.ts';
import { healthOf } from './health.ts';

/** The reason in the answer of etcd's /health. Source: server/etcdserver/api/etcdhttp/health.go. */
const alarm = /ALARM (NOSPACE|CORRUPT)/;

const pki = '/etc/kubernetes/pki/etcd';
const flags = `--cacert=${pki}/ca.crt --cert=${pki}/healthcheck-client.crt --key=${pki}/healthcheck-client.key`;
const etcdctl = `crictl exec $(crictl ps --quiet --name '^etcd$') etcdctl --endpoints=https://127.0.0.1:2379 ${flags}`;

export const etcdAlarm: Rule = {
  name: 'etcd-alarm',
  title: 'etcd has raised an alarm and accepts no writes',
  proof:
    'The health endpoint of etcd reports the alarm NOSPACE, because its database has reached its quota, or CORRUPT, because the members have different data. An alarm stays until it is disarmed.',
  cure: 'After NOSPACE, compact and defragment the database, and disarm the alarm. After CORRUPT, replace the member.',
  find: ({ machine }) => {
    const health = healthOf({ machine }, 'etcd');
    const kind = alarm.exec(health?.answer ?? '')?.[1];
    if (health === undefined || health.isHealthy || kind === undefined) return [];
    const isFull = kind === 'NOSPACE';
    return [
      {
        code: 'etcd',
        component: 'etcd',
        certainty: 'certain',
        summary: `etcd accepts no writes, because ${isFull ? 'its database has reached its quota' : 'its members have different data'} (alarm ${kind})`,
        evidence: [`${health.url} answers with ${health.answer}`],
        remedy: isFull ? full : corrupt,
      },
    ];
  },
};

const full: Remedy = {
  kind: 'steps',
  text: 'Compact and defragment the database of each member, and disarm the alarm. If the data need more space, raise quota-backend-bytes of etcd.local.extraArgs first (its default is 2 GiB)',
  commands: [
    `${etcdctl} endpoint status --write-out=json`,
    `${etcdctl} compact REVISION`,
    `${etcdctl} defrag`,
    `${etcdctl} alarm disarm`,
  ],
};

const corrupt: Remedy = {
  kind: 'steps',
  text: 'Find the member whose data differ, remove it with `kubeadm reset` on its node, and let the node join again. A cluster with one member needs a snapshot',
  commands: [`${etcdctl} alarm list`],
};
