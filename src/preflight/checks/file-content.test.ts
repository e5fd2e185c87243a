import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { fileContent } from './file-content.ts';

const path = '/proc/sys/net/ipv4/ip_forward';
const check = fileContent(path, '1');

test('the check FileContent looks at the beginning of the file', async () => {
  expect(check.name).toBe('FileContent--proc-sys-net-ipv4-ip_forward');
  expect(await verdict(check, { files: { [path]: '1\n' } })).toEqual(clean);
  const { errors } = await verdict(check, { files: { [path]: '0\n' } });
  expect(errors).toEqual([
    expect.stringMatching(/not set to 1 but to "0": .*sysctl -w net\.ipv4\.ip_forward=1/),
  ]);
});

test('the check FileContent fails for a missing, an empty and an unreadable file', async () => {
  expect((await verdict(check)).errors).toEqual([`${path} does not exist`]);
  expect((await verdict(check, { files: { [path]: '' } })).errors).toHaveLength(1);
  const unreadable = await verdict(check, { files: { [path]: '1' } }, ({ disk }) =>
    disk.fail(path, 'EACCES'),
  );
  expect(unreadable.errors).toEqual([expect.stringContaining('could not be read')]);
});
