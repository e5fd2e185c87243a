import { expect, test } from 'vitest';
import { diagnose } from '../diagnose.ts';
import { facts, machine, running } from '../facts.fixture.ts';

const seen = (answer: string, isHealthy = false) =>
  facts({
    components: running,
    machine: machine({
      health: [{ component: 'etcd', url: 'http://127.0.0.1:2381/health', isHealthy, answers: true, answer }],
    }),
  });

test.each([
  ['NOSPACE', 'its database has reached its quota'],
  ['CORRUPT', 'its members have different data'],
])('the alarm %s of etcd is the cause, and not only a health endpoint that fails', (alarm, why) => {
  expect(diagnose(seen(`status 503 (ALARM ${alarm})`))).toMatchObject([
    {
      rule: 'etcd-alarm',
      certainty: 'certain',
      summary: `etcd accepts no writes, because ${why} (alarm ${alarm})`,
    },
  ]);
});

test('an etcd without a leader has no alarm', () => {
  expect(diagnose(seen('status 503 (RAFT NO LEADER)')).map(({ rule }) => rule)).toEqual(['not-healthy']);
  expect(diagnose(seen('status 200', true))).toEqual([]);
});
