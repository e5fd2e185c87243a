import { describe, expect, test } from 'vitest';

import { tokenSecret } from '../../../cluster/tokens.ts';
import { KubeApiError } from '../../../errors.ts';
import type { MemoryHost } from '../../../host/memory/index.ts';
import { controlPlaneHost } from '../../../phases/init/input.fixture.ts';
import { run } from '../../command.fixture.ts';

/** Returns a machine whose cluster has tokens with these ids. */
function machine(...ids: readonly string[]): MemoryHost {
  const host = controlPlaneHost();
  for (const id of ids) {
    const token = { token: `${id}.0123456789abcdef`, usages: [], groups: [] };
    host.api.create(tokenSecret(token, host.clock.now()));
  }
  return host;
}

function left(host: MemoryHost): readonly string[] {
  return host.api.list('v1', 'Secret').map(({ metadata }) => metadata.name);
}

async function remove(host: MemoryHost, ...words: string[]) {
  return await run(host, ['token', 'delete', ...words]);
}

describe('token delete', () => {
  test('deletes tokens by id or as whole tokens, and reports each', async () => {
    const host = machine('aaaaaa', 'bbbbbb', 'cccccc');
    expect(await remove(host, 'aaaaaa', 'bbbbbb.0123456789abcdef')).toEqual({
      code: 0,
      stdout: 'bootstrap token "aaaaaa" deleted\nbootstrap token "bbbbbb" deleted\n',
      stderr: '',
    });
    expect(left(host)).toEqual(['bootstrap-token-cccccc']);
  });

  test('stops at a token that does not exist, and names those that it did not try', async () => {
    const host = machine('aaaaaa', 'cccccc');
    const { code, stdout, stderr } = await remove(host, 'aaaaaa', 'bbbbbb', 'cccccc');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'bootstrap token "aaaaaa" deleted\n' });
    expect(stderr).toContain(
      'error: failed to delete bootstrap token "bbbbbb": secrets "bootstrap-token-bbbbbb" not found; ' +
        'not deleted either: cccccc\nhint: "kubeadm token list" shows the tokens of the cluster.\n',
    );
    expect(left(host)).toEqual(['bootstrap-token-cccccc']);
  });

  test('refuses a malformed token before it deletes any, and does not show it', async () => {
    const host = machine('aaaaaa');
    const { code, stdout, stderr } = await remove(host, 'aaaaaa', 'aaaaaa.0123456789abcde');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error: argument 2 is neither a token nor its id');
    expect(stderr).not.toContain('0123456789');
    expect(left(host)).toEqual(['bootstrap-token-aaaaaa']);
    expect(host.api.requests).toEqual([]);
  });

  test('requires a token', async () => {
    const { code, stderr } = await remove(machine());
    expect(code).toBe(1);
    expect(stderr).toContain('missing argument');
  });

  test('deletes nothing in a dry run', async () => {
    const host = machine('aaaaaa');
    const { code, stdout } = await remove(host, 'aaaaaa', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain(
      '[dryrun] Would perform action DELETE on resource "secrets" in API group "core/v1"\n',
    );
    expect(stdout).toContain('[dryrun] Resource name "bootstrap-token-aaaaaa", namespace "kube-system"\n');
    expect(left(host)).toEqual(['bootstrap-token-aaaaaa']);
  });

  test('names the reason if the server refuses, or if the cluster does not answer', async () => {
    const host = machine('aaaaaa');
    host.api.intercept = () => new KubeApiError(403, 'Forbidden', 'secrets is forbidden');
    expect((await remove(host, 'aaaaaa')).stderr).toContain('token "aaaaaa": secrets is forbidden\nTo see');
    host.api.reachable = false;
    const { code, stdout, stderr } = await remove(host, 'aaaaaa');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error: the API server of the cluster does not answer: https://lb.example:7443');
    expect(left(host)).toEqual(['bootstrap-token-aaaaaa']);
  });
});
