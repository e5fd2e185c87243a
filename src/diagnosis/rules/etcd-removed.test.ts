import { expect, test } from 'vitest';
import { diagnose } from '../diagnose.ts';
import { facts, running, withRuns } from '../facts.fixture.ts';
import { etcdRemoved } from './etcd-removed.ts';

/** Lines of etcd 3.6.8 whose member was removed while it did not run. It ends with exit code 0. */
const log = [
  '{"level":"info","ts":"2026-12-01T13:00:08.5Z","caller":"embed/etcd.go:293","msg":"starting an etcd server","etcd-version":"3.6.8","data-dir":"/var/lib/etcd","wal-dir":""}',
  '{"level":"warn","ts":"2026-12-01T13:00:08.756294Z","caller":"etcdserver/server.go:860","msg":"server error","error":"the member has been permanently removed from the cluster"}',
  '{"level":"warn","ts":"2026-12-01T13:00:08.756331Z","caller":"etcdserver/server.go:861","msg":"data-dir used by this member must be removed"}',
  '{"level":"error","ts":"2026-12-01T13:00:08.757151Z","caller":"embed/etcd.go:912","msg":"setting up serving from embedded etcd failed.","error":"server is stopping"}',
  '{"level":"info","ts":"2026-12-01T13:00:08.771733Z","caller":"etcdmain/main.go:50","msg":"successfully notified init daemon"}',
];
const run = { exitCode: 0, reason: 'Completed', ranMs: 900, log };

test('a member of etcd that was removed from its cluster is the cause, and nobody killed it', () => {
  expect(diagnose(withRuns('etcd', [run, run, run]))).toMatchObject([
    {
      rule: 'etcd-member-removed',
      component: 'etcd',
      certainty: 'certain',
      summary: expect.stringMatching(/permanently removed from the cluster of etcd.*\/var\/lib\/etcd/),
    },
  ]);
});

test('a removed member is found after one end, because another start does not help', () => {
  expect(etcdRemoved.find(withRuns('etcd', [run]))).toHaveLength(1);
});

test('an etcd that runs, or that reports something else, was not removed', () => {
  expect(etcdRemoved.find(facts({ components: running }))).toEqual([]);
  expect(etcdRemoved.find(withRuns('etcd', [{ ...run, log: log.slice(3) }]))).toEqual([]);
});
