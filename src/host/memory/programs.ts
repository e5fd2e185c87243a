/** Programs, services and the prompt of a memory host. */
import { ExecError, KubeadmError, messageOf } from '../../errors.ts';
import type {
  ExecOptions,
  ExecReads,
  ExecResult,
  ExecWrites,
  InitSystem,
  Prompt,
  ServiceReads,
  ServiceWrites,
} from '../../host.ts';
import { untilAborted } from '../../lib/abortable.ts';
import type { WriteGate } from './gate.ts';

/** The result of a program (default: code 0, empty output), or a function from its arguments to the result. */
export type Program =
  | Partial<ExecResult>
  | ((args: readonly string[], options: ExecOptions) => Partial<ExecResult> | Promise<Partial<ExecResult>>);

export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly input?: string;
  /** True if it was called through `run`, false for `probe`. */
  readonly write: boolean;
}

export interface MemoryPrograms {
  readonly port: ExecReads & ExecWrites;
  /** Programs by name. A program that is not in the map is missing. */
  readonly programs: Map<string, Program>;
  readonly calls: readonly ProgramCall[];
}

export function createMemoryPrograms(gate: WriteGate): MemoryPrograms {
  const programs = new Map<string, Program>();
  const calls: ProgramCall[] = [];
  const call = async (
    program: string,
    args: readonly string[],
    { write, ...options }: ExecOptions & { readonly write: boolean },
  ): Promise<ExecResult> => {
    gate.check();
    if (options.signal?.aborted === true)
      throw new KubeadmError('interrupted', messageOf(options.signal.reason));
    const script = programs.get(nameOf(program));
    if (script === undefined) throw new ExecError(`${program}: the program is not in the PATH of the system`);
    const made = { program, args, write };
    calls.push(options.input === undefined ? made : { ...made, input: options.input });
    const result = typeof script === 'function' ? await script(args, options) : script;
    if (write) gate.write('exec', [program, ...args].join(' '), () => undefined);
    return { code: 0, stdout: '', stderr: '', ...result };
  };
  return {
    programs,
    calls,
    port: {
      find: async (program) => {
        gate.check();
        return programs.has(nameOf(program)) ? `/usr/bin/${nameOf(program)}` : undefined;
      },
      probe: (program, args, options = {}) => call(program, args, { ...options, write: false }),
      run: (program, args, options = {}) => call(program, args, { ...options, write: true }),
    },
  };
}

/** Programs are in /usr/bin, and their full path also works. */
function nameOf(program: string): string {
  return program.replace(/^\/usr\/bin\//, '');
}

export interface MemoryService {
  enabled: boolean;
  active: boolean;
  /** Starting or restarting it fails with this message. */
  startError?: string;
  stopError?: string;
  /** Runs after the service has started, so that a test can simulate its effect. */
  onStart?: () => void | Promise<void>;
  onStop?: () => void | Promise<void>;
}

export interface MemoryServices {
  readonly port: ServiceReads & ServiceWrites;
  /** Services by name. A service that is not in the map does not exist. */
  readonly services: Map<string, MemoryService>;
}

export function createMemoryServices(gate: WriteGate, initSystem: InitSystem | undefined): MemoryServices {
  const services = new Map<string, MemoryService>();
  const need = (verb: string, name: string): MemoryService => {
    gate.check();
    const service = services.get(name);
    if (initSystem === undefined) throw new ExecError('no init system was found (systemctl or openrc)');
    if (service === undefined)
      throw new ExecError(`systemctl ${verb} ${name}: Unit ${name}.service not found.`);
    return service;
  };
  const start = async (verb: string, name: string, signal: AbortSignal | undefined): Promise<void> => {
    const service = need(verb, name);
    if (service.startError !== undefined) {
      throw new ExecError(`systemctl ${verb} ${name} failed: ${service.startError}`);
    }
    gate.write('service', `${verb} ${name}`, () => {
      service.active = true;
    });
    await unlessInterrupted(async () => await service.onStart?.(), signal);
  };
  return {
    services,
    port: {
      initSystem: async () => initSystem,
      exists: async (name) => services.has(name),
      isEnabled: async (name) => services.get(name)?.enabled ?? false,
      isActive: async (name) => services.get(name)?.active ?? false,
      start: (name, signal) => start('start', name, signal),
      restart: (name, signal) => start('restart', name, signal),
      readUnit: async () => gate.check(),
      stop: async (name, signal) => {
        const service = need('stop', name);
        if (service.stopError !== undefined) {
          throw new ExecError(`systemctl stop ${name} failed: ${service.stopError}`);
        }
        gate.write('service', `stop ${name}`, () => {
          service.active = false;
        });
        await unlessInterrupted(async () => await service.onStop?.(), signal);
      },
    },
  };
}

/** As on the machine, a call in flight ends with a KubeadmError `interrupted`. */
async function unlessInterrupted(work: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await work();
  try {
    await untilAborted(work, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new KubeadmError('interrupted', messageOf(signal.reason));
  }
}

/** Answers in order; when they are used up, standard input is at its end. */
export function createMemoryPrompt(
  answers: readonly string[],
): Prompt & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  return {
    asked,
    ask: async (question) => {
      asked.push(question);
      return answers[asked.length - 1];
    },
  };
}
