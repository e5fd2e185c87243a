/** Services by systemd or OpenRC (cmd/kubeadm/app/util/initsystem). */
import { ExecError } from '../../errors.ts';
import type {
  ExecOptions,
  ExecReads,
  ExecResult,
  ExecWrites,
  FileReads,
  InitSystem,
  ServiceReads,
  ServiceWrites,
} from '../../host.ts';
import { isUnitCurrent } from './systemd-unit.ts';

export function createServices(
  exec: ExecReads & ExecWrites,
  files: Pick<FileReads, 'list' | 'realpath'>,
): ServiceReads & ServiceWrites {
  const change =
    (verb: 'start' | 'stop' | 'restart') =>
    async (service: string, signal?: AbortSignal): Promise<void> => {
      const isOpenrc = (await requireInitSystem(exec)) === 'openrc';
      await runOrFail(exec, isOpenrc ? ['rc-service', service, verb] : ['systemctl', verb, service], signal);
    };
  const ask = async (
    systemd: readonly [string, ...string[]],
    openrc: readonly [string, ...string[]],
    judge: {
      readonly systemd: (result: ExecResult) => boolean;
      readonly openrc: (result: ExecResult) => boolean;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<boolean> => {
    const system = await findInitSystem(exec);
    if (system === undefined) return false;
    const [program, ...args] = system === 'systemd' ? systemd : openrc;
    return judge[system](await exec.probe(program, args, optionsOf(judge.signal)));
  };
  return {
    initSystem: async () => await findInitSystem(exec),
    exists: async (service, signal) =>
      await ask(
        ['systemctl', 'status', '--no-pager', '--lines=0', service],
        ['rc-service', service, 'status'],
        {
          systemd: ({ stdout, stderr }) => !/Loaded: not-found|could not be found/.test(stdout + stderr),
          openrc: ({ stdout, stderr }) => !(stdout + stderr).includes('does not exist'),
          signal,
        },
      ),
    isEnabled: async (service, signal) =>
      await ask(['systemctl', 'is-enabled', service], ['rc-update', 'show', 'default'], {
        systemd: ({ code }) => code === 0,
        openrc: ({ stdout }) => stdout.includes(service),
        signal,
      }),
    isActive: async (service, signal) =>
      await ask(['systemctl', 'is-active', service], ['rc-service', service, 'status'], {
        systemd: ({ stdout }) => ['active', 'activating'].includes(stdout.trim()),
        openrc: ({ stdout, stderr }) => !/stopped|does not exist/.test(stdout + stderr),
        signal,
      }),
    start: change('start'),
    restart: change('restart'),
    // OpenRC reads its files each time, so it needs no reload.
    readUnit: async (service, signal) => {
      if (
        (await requireInitSystem(exec)) === 'systemd' &&
        !(await isUnitCurrent({ exec, files }, service).catch(() => false))
      )
        await runOrFail(exec, ['systemctl', 'daemon-reload'], signal);
    },
    stop: change('stop'),
  };
}

async function findInitSystem(exec: ExecReads): Promise<InitSystem | undefined> {
  if ((await exec.find('systemctl')) !== undefined) return 'systemd';
  const openrc = await Promise.all(['openrc', 'rc-service', 'rc-update'].map(exec.find));
  return openrc.every((program) => program !== undefined) ? 'openrc' : undefined;
}

async function requireInitSystem(exec: ExecReads): Promise<InitSystem> {
  const found = await findInitSystem(exec);
  if (found !== undefined) return found;
  throw new ExecError('no supported init system was found: neither systemctl nor openrc');
}

async function runOrFail(
  exec: ExecWrites,
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { code, stdout, stderr } = await exec.run(program, args, optionsOf(signal));
  if (code === 0) return;
  throw new ExecError(
    `${[program, ...args].join(' ')} ended with exit code ${code}: ${(stderr || stdout).trim()}`,
  );
}

function optionsOf(signal: AbortSignal | undefined): ExecOptions {
  return signal === undefined ? {} : { signal };
}
