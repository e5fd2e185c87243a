import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { fileSystem, givenCertificates, manifestDuplicates } from './machine-faults.ts';

const mounts = (options: string): Record<string, string> => ({
  '/proc/self/mounts': `/dev/sda / ext4 rw 0 0\n/dev/sdb /var/lib/etcd ext4 ${options} 0 0\n`,
  '/var/lib/etcd/x': '',
});
const space = (blocks: number) => ({ stdout: `1000000 ${blocks} 4096 1000 500 /var/lib/etcd\n` });

test('the check FileSystem warns of a full and of a read-only file system', async () => {
  const check = fileSystem(['/var/lib/etcd']);
  const judged = (options: string, blocks: number) =>
    verdict(check, { files: mounts(options), programs: { stat: space(blocks) } });
  expect(await judged('rw', 1_000_000)).toEqual(clean);
  expect(await judged('rw', 0)).toEqual({
    errors: [],
    warnings: [
      expect.stringMatching(/^the disk is full: .*\/var\/lib\/etcd .*\. Free space on \/var\/lib\/etcd/),
    ],
  });
  expect(await judged('ro', 1_000_000)).toEqual({
    errors: [],
    warnings: [expect.stringMatching(/\/var\/lib\/etcd is mounted read-only/)],
  });
});

test('the check ManifestDuplicate warns of a copy of a manifest of an earlier cluster', async () => {
  const files = {
    '/etc/kubernetes/manifests/etcd.yaml.bak': 'kind: Pod\nmetadata: {name: etcd}\n',
    '/etc/kubernetes/manifests/kube-vip.yaml': 'kind: Pod\nmetadata: {name: kube-vip}\n',
  };
  expect(await verdict(manifestDuplicates, { files })).toEqual({
    errors: [],
    warnings: [expect.stringMatching(/etcd\.yaml\.bak is a second manifest of etcd.*\. Move /)],
  });
  expect(await verdict(manifestDuplicates)).toEqual(clean);
});

test('the check Certificates has nothing to say about a machine without certificates', async () => {
  expect(await verdict(givenCertificates('/etc/kubernetes/pki'))).toEqual(clean);
});
