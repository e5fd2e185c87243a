import { describe, expect, test } from 'vitest';

import { ExecError } from '../../errors.ts';
import { createMemoryHost, type MemoryHostOptions } from '../memory/index.ts';
import { createServices } from './services.ts';

/** The services of a machine with these programs, and the commands that were run. */
function over(programs: MemoryHostOptions['programs']) {
  const host = createMemoryHost(programs === undefined ? {} : { programs });
  const commands = (): readonly string[] =>
    host.programs.calls.map(
      ({ program, args, write }) => `${write ? '!' : ''}${[program, ...args].join(' ')}`,
    );
  return { services: createServices(host.exec, host.files), commands };
}

describe('systemd', () => {
  test('only readUnit makes systemd read its units again', async () => {
    const { services, commands } = over({ systemctl: {} });
    await services.readUnit('kubelet');
    await services.start('kubelet');
    await services.restart('kubelet');
    await services.stop('kubelet');
    expect(commands()).toEqual([
      'systemctl show kubelet.service --property=LoadState,NeedDaemonReload,Names,FragmentPath,DropInPaths',
      'systemctl show --timestamp=unix --property=UnitPath,UnitsLoadStartTimestamp,UnitsLoadTimestamp',
      '!systemctl daemon-reload',
      '!systemctl start kubelet',
      '!systemctl restart kubelet',
      '!systemctl stop kubelet',
    ]);
    expect(await services.initSystem()).toBe('systemd');
  });

  test('readUnit does not reload a unit that matches the disk', async () => {
    const unit =
      'LoadState=loaded\nNeedDaemonReload=no\nNames=kubelet.service\nFragmentPath=\nDropInPaths=\n';
    const manager = 'UnitPath=/nowhere\nUnitsLoadTimestamp=@9\n';
    const { services, commands } = over({
      systemctl: ([, name]) => ({ stdout: name === 'kubelet.service' ? unit : manager }),
    });
    await services.readUnit('kubelet');
    expect(commands().filter((command) => command.startsWith('!'))).toEqual([]);
  });

  test('an error contains the command, its exit code and its output', async () => {
    const { services } = over({
      systemctl: ([verb]) => (verb === 'start' ? { code: 5, stderr: 'No unit\n' } : {}),
    });
    const error = await services.start('kubelet').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ExecError);
    expect(error).toMatchObject({ message: 'systemctl start kubelet ended with exit code 5: No unit' });
  });

  test.each([
    ['Loaded: loaded (/lib/systemd/system/kubelet.service)', 3, true],
    ['Unit kubelet.service could not be found.', 4, false],
    ['Loaded: not-found (Reason: Unit kubelet.service not found.)', 3, false],
  ])('the output of systemctl decides whether a service exists: %s', async (text, code, expected) => {
    const { services } = over({ systemctl: { code, stderr: text } });
    expect(await services.exists('kubelet')).toBe(expected);
  });

  test.each([
    ['active', 0, true],
    ['activating', 3, true],
    ['inactive', 3, false],
    ['failed', 3, false],
  ])('isActive and isEnabled read the output of systemctl: %s', async (state, code, active) => {
    const { services } = over({ systemctl: { code, stdout: `${state}\n` } });
    expect(await services.isActive('kubelet')).toBe(active);
    expect(await services.isEnabled('kubelet')).toBe(code === 0);
  });

  test('the status is requested without log lines, which can contain any text', async () => {
    const { services, commands } = over({ systemctl: {} });
    await services.exists('kubelet');
    expect(commands()).toEqual(['systemctl status --no-pager --lines=0 kubelet']);
  });

  test('an aborted signal interrupts calls of systemctl', async () => {
    const { services } = over({ systemctl: {} });
    const aborted = AbortSignal.abort(new Error('interrupted by SIGINT'));
    for (const verb of ['start', 'restart', 'stop', 'readUnit'] as const)
      await expect(services[verb]('kubelet', aborted)).rejects.toMatchObject({ code: 'interrupted' });
    await expect(services.isActive('kubelet', aborted)).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('queries of a service change nothing', async () => {
    const { services, commands } = over({ systemctl: {} });
    await services.exists('a');
    await services.isEnabled('a');
    await services.isActive('a');
    expect(commands().filter((command) => command.startsWith('!'))).toEqual([]);
  });
});

describe('OpenRC', () => {
  const rest = { openrc: {}, 'rc-update': { stdout: ' kubelet | default\n' } };

  test('OpenRC is detected only with its three programs, and systemd takes precedence', async () => {
    expect(await over({ openrc: {}, 'rc-service': {} }).services.initSystem()).toBeUndefined();
    expect(await over({ ...rest, 'rc-service': {} }).services.initSystem()).toBe('openrc');
    expect(await over({ ...rest, 'rc-service': {}, systemctl: {} }).services.initSystem()).toBe('systemd');
  });

  test('OpenRC services are changed with rc-service', async () => {
    const { services, commands } = over({ ...rest, 'rc-service': {} });
    await services.restart('kubelet');
    expect(commands()).toEqual(['!rc-service kubelet restart']);
  });

  test.each([
    [' * status: started', true, true],
    [' * status: stopped', true, false],
    [" * rc-service: service `kubelet' does not exist", false, false],
  ])(
    'the output of rc-service decides whether a service exists and is active: %s',
    async (stdout, exists, active) => {
      const { services } = over({ ...rest, 'rc-service': { stdout } });
      expect(await services.exists('kubelet')).toBe(exists);
      expect(await services.isActive('kubelet')).toBe(active);
      expect(await services.isEnabled('kubelet')).toBe(true);
      expect(await services.isEnabled('other')).toBe(false);
    },
  );
});

test('without an init system, queries return false and changes are refused', async () => {
  const { services } = over({});
  expect([await services.exists('a'), await services.isEnabled('a'), await services.isActive('a')]).toEqual([
    false,
    false,
    false,
  ]);
  await expect(services.start('a')).rejects.toThrow(ExecError);
});
