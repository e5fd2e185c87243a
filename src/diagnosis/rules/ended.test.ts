import { expect, test } from 'vitest';
import { diagnose, findCauses } from '../diagnose.ts';
import { withRuns } from '../facts.fixture.ts';
import { missingFile } from './missing-file.ts';
import { outOfMemory } from './out-of-memory.ts';
import { portTaken } from './port-taken.ts';

const audit = {
  log: [
    'E1124 19:31:58.795452       1 run.go:72] "command failed" err="loading audit policy file: failed to read file path \\"/etc/audit.yaml\\": open /etc/audit.yaml: no such file or directory"',
  ],
};

test('a file that is on the machine and not in the container is named after one end, with the volumes that mount it', () => {
  const one = { ...withRuns('kube-apiserver', [audit]), namedPaths: { '/etc/audit.yaml': true } };
  expect(missingFile.find(one)).toMatchObject([
    {
      summary: expect.stringMatching(/\/etc\/audit\.yaml is on this machine, but no volume mounts it/),
      remedy: { kind: 'missing-file', exists: true },
    },
  ]);
});

test('a file that is nowhere is named after two ends, because something may still make it', () => {
  const paths = { namedPaths: { '/etc/audit.yaml': false } };
  expect(missingFile.find({ ...withRuns('kube-apiserver', [audit]), ...paths })).toEqual([]);
  expect(missingFile.find({ ...withRuns('kube-apiserver', [audit, audit]), ...paths })).toMatchObject([
    { summary: expect.stringContaining('does not exist') },
  ]);
});

const taken = { log: ['panic: listen tcp 127.0.0.1:2381: bind: address already in use'] };

test('a port is named with the program that uses it', () => {
  const listeners = [{ address: '127.0.0.1', port: 2381, program: 'python3', pid: 176 }];
  expect(portTaken.find({ ...withRuns('etcd', [taken]), listeners })).toMatchObject([
    { certainty: 'certain', summary: expect.stringMatching(/port 2381.*python3 \(process 176\)/) },
  ]);
  expect(portTaken.find(withRuns('etcd', [taken]))).toEqual([]);
  expect(portTaken.find(withRuns('etcd', [taken, taken]))).toMatchObject([
    { summary: expect.stringContaining('another program') },
  ]);
});

test('a port that the earlier process of the component still uses does not end a wait', () => {
  const listeners = [{ address: '127.0.0.1', port: 2381, program: 'etcd', pid: 5 }];
  expect(portTaken.find({ ...withRuns('etcd', [taken, taken]), listeners })).toMatchObject([
    { certainty: 'likely' },
  ]);
  const facts = { ...withRuns('etcd', [taken, taken]), listeners };
  expect(findCauses(facts).map(({ certainty, rule }) => [rule, certainty])).toEqual([
    ['port-taken', 'likely'],
  ]);
});

test('a component that runs out of memory and is killed is named after two ends, with the line of the kernel', () => {
  const killed = { exitCode: 137, reason: 'OOMKilled', log: ['starting'] };
  expect(outOfMemory.find(withRuns('etcd', [killed]))).toEqual([]);
  expect(outOfMemory.find(withRuns('etcd', [killed, killed]))).toMatchObject([
    { component: 'etcd', certainty: 'certain', summary: expect.stringContaining('OOMKilled') },
  ]);
});

test('each component is named once, by the rule that knows most', () => {
  const found = diagnose({ ...withRuns('kube-apiserver', [audit, audit]), namedPaths: {} });
  expect(found.map(({ rule }) => rule)).toEqual(['missing-file']);
});
