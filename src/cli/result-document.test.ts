import { describe, expect, test } from 'vitest';

import { KubeadmError } from '../errors.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { configuration, run } from './command.fixture.ts';
import type { CommandLine } from './command-line.ts';

interface Opened {
  readonly path: string;
  readonly content: string;
  text: string;
  closed: boolean;
}

function files(problem?: string) {
  const opened: Opened[] = [];
  const openOutputFile: CommandLine['openOutputFile'] = async (path, content) => {
    const file: Opened = { path, content, text: '', closed: false };
    opened.push(file);
    return {
      write: (line) => {
        file.text += line;
      },
      close: async () => {
        file.closed = true;
        return problem;
      },
    };
  };
  return { opened, openOutputFile };
}

async function runWith(argv: readonly string[], { host = machine(), ...options }: Options = {}) {
  const { opened, openOutputFile } = files(options.problem);
  const result = await run(host, [...argv, '--output-result', 'json=/result'], undefined, { openOutputFile });
  const file = opened.find(({ path }) => path === '/result');
  return { ...result, file, document: file?.text ? JSON.parse(file.text) : undefined };
}

interface Options {
  readonly host?: MemoryHost;
  /** The reason why the file cannot be written. */
  readonly problem?: string;
}

function machine(): MemoryHost {
  return createMemoryHost({ files: { '/kubeadm.yaml': configuration } });
}

const dryRun = ['init', '--config=/kubeadm.yaml', '--dry-run', '--ignore-preflight-errors=all'];

describe('the result of init', () => {
  test('a program reads how nodes join as data, even if the secrets are not printed', async () => {
    const quiet = ['--upload-certs', '--skip-token-print', '--skip-certificate-key-print'];
    const { code, document, file, stdout } = await runWith([...dryRun, ...quiet]);
    expect(code).toBe(0);
    expect(file).toMatchObject({ content: 'result', closed: true });
    expect(file?.text.endsWith('}\n')).toBe(true);
    expect(document).toMatchObject({
      schema: 1,
      command: 'init',
      outcome: 'succeeded',
      nodeName: 'control-plane',
      kubernetesVersion: 'v1.36.2',
      kubeconfig: '/etc/kubernetes/admin.conf',
      certificatesDir: '/etc/kubernetes/pki',
      join: {
        endpoint: '10.88.0.10:6443',
        token: expect.stringMatching(/^[a-z0-9]{6}\.[a-z0-9]{16}$/),
        caCertHashes: [expect.stringMatching(/^sha256:[0-9a-f]{64}$/)],
      },
      certificateKey: expect.stringMatching(/^[0-9a-f]{64}$/),
      dryRunDirectory: expect.stringContaining('/etc/kubernetes/tmp/'),
    });
    expect(document.phases).toContainEqual({
      phase: 'certs/ca',
      outcome: 'finished',
      milliseconds: expect.any(Number),
    });
    expect(stdout).not.toContain(document.join.token.split('.')[1]);
    expect(stdout).not.toContain(document.certificateKey);
  });

  test('a failed run names the error, the phase that failed, and the phases that did not start', async () => {
    const host = machine();
    host.disk.fail('/etc/kubernetes/pki/ca.crt', 'ENOSPC', 'write');
    const { code, document } = await runWith(['init', 'phase', 'certs', 'all', '--config=/kubeadm.yaml'], {
      host,
    });
    expect(code).toBe(1);
    expect(document).toMatchObject({
      command: 'init phase certs all',
      outcome: 'failed',
      nodeName: 'control-plane',
      error: { code: 'file', phase: 'certs/ca', message: expect.stringContaining('no space left') },
    });
    expect(document.phases[1]).toMatchObject({ phase: 'certs/ca', outcome: 'failed' });
    expect(document.phases.at(-1)).toEqual({ phase: 'certs/sa', outcome: 'not-started' });
    expect(document).not.toHaveProperty('join');
  });

  test('a run that ends before its configuration is read has no name and no phases', async () => {
    const { document } = await runWith(['init', '--config=/missing.yaml']);
    expect(document).toMatchObject({ outcome: 'failed', phases: [], error: { code: 'config-unreadable' } });
    expect(document).not.toHaveProperty('nodeName');
  });

  test('a result that its reader does not get makes a good run fail with the reason', async () => {
    const problem = 'the result in /result is not complete: no space left on device';
    const { code, stderr } = await runWith(dryRun, { problem });
    expect(code).toBe(1);
    expect(stderr).toContain(`error: the run has ended, but ${problem}`);
  });

  test('a result that its reader does not get is a warning after another error', async () => {
    const problem = 'the result in /result is not complete: no space left on device';
    const { code, stderr } = await runWith(['init', '--config=/missing.yaml'], { problem });
    expect(code).toBe(1);
    expect(stderr).toContain(`warning: the run has ended, but ${problem}`);
    expect(stderr).toContain('error: unable to read config from "/missing.yaml"');
  });
});

describe('the result of join', () => {
  test('has the error of a join that is refused', async () => {
    const { code, document } = await runWith(['join']);
    expect(code).toBe(1);
    expect(document).toMatchObject({ command: 'join', outcome: 'failed', error: { code: 'config-invalid' } });
  });
});

describe('--output-result', () => {
  test.each([
    ['json', 'unknown form of a result "json" for --output-result'],
    ['/result', 'unknown form of a result "/result" for --output-result'],
    ['', 'unknown form of a result "" for --output-result'],
  ])('refuses %j', async (value, message) => {
    const { code, stderr } = await run(machine(), [...dryRun, '--output-result', value]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  test('refuses the file of the events', async () => {
    const { opened, openOutputFile } = files();
    const flags = ['--output-result=json=/one', '--output-events=json=/one'];
    const { stderr } = await run(machine(), [...dryRun, ...flags], undefined, { openOutputFile });
    expect(stderr).toContain('--output-events and --output-result name the same file /one');
    expect(opened).toEqual([]);
  });

  test('a file that cannot be opened ends the command before it changes anything', async () => {
    const host = machine();
    const openOutputFile = async (): Promise<never> => {
      throw new KubeadmError('file', 'open /no/such: no such file or directory');
    };
    const argv = ['init', 'phase', 'certs', 'all', '--config=/kubeadm.yaml', '--output-result=json=/no/such'];
    const { code, stderr } = await run(host, argv, undefined, { openOutputFile });
    expect([code, stderr]).toEqual([1, expect.stringContaining('open /no/such')]);
    expect(await host.files.stat('/etc/kubernetes/pki')).toBeUndefined();
  });

  test('reset does not have it', async () => {
    const { stderr } = await run(machine(), ['reset', '--output-result=json=/result']);
    expect(stderr).toContain('unknown flag: --output-result');
  });
});
