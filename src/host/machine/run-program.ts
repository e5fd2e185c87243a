import { spawn } from 'node:child_process';
import { constants as system } from 'node:os';
import type { Readable } from 'node:stream';

import { ExecError, KubeadmError, messageOf } from '../../errors.ts';
import type { ExecOptions, ExecResult } from '../../host.ts';

const defaultTimeoutMs = 120_000;
const outputBytes = 16 * 1024 * 1024;

export interface ProgramOptions extends ExecOptions {
  /** The PATH of the program. */
  readonly folders: readonly string[];
}

/**
 * Runs an executable file and waits until it ends.
 *
 * @throws ExecError if it cannot be started, or does not end in time; KubeadmError `interrupted`
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ExecResult> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const { signal } = options;
  if (signal?.aborted === true) throw interrupted([file, ...args], signal);
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: '/',
      // The program gets its own process group, so that its children are killed with it.
      detached: true,
      env: { PATH: options.folders.join(':'), LC_ALL: 'C', HOME: '/root' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    // A program that ends before it has read its input is not an error.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    let ending: KubeadmError | undefined;
    const end = (reason: KubeadmError): void => {
      ending ??= reason;
      killGroup(child.pid);
      // A process that left the group can keep the pipes open without an end.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const stop = (): void => {
      if (signal !== undefined) end(interrupted([file, ...args], signal));
    };
    const timer = setTimeout(() => {
      const command = [file, ...args].join(' ');
      end(new ExecError(`${command} did not end within ${timeoutMs / 1000} s and was killed`));
    }, timeoutMs);
    signal?.addEventListener('abort', stop, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    };
    child.once('error', (error) => {
      settle();
      reject(new ExecError(`${file} could not be started: ${error.message}`, { cause: error }));
    });
    child.once('close', (code, endedBy) => {
      settle();
      if (ending !== undefined) {
        reject(ending);
        return;
      }
      resolve({
        code: code ?? 128 + (endedBy === null ? 0 : system.signals[endedBy]),
        stdout: stdout(),
        stderr: stderr(),
      });
    });
  });
}

function interrupted(command: readonly string[], signal: AbortSignal): KubeadmError {
  return new KubeadmError('interrupted', `${messageOf(signal.reason)} during ${command.join(' ')}`, {
    cause: signal.reason,
  });
}

/** Reads the whole stream and keeps its beginning. The returned function returns the text so far. */
function collect(stream: Readable): () => string {
  const parts: Buffer[] = [];
  let [kept, dropped] = [0, 0];
  stream.on('data', (data: Buffer) => {
    const part = data.subarray(0, outputBytes - kept);
    if (part.length > 0) parts.push(part);
    kept += part.length;
    dropped += data.length - part.length;
  });
  return () => {
    const text = Buffer.concat(parts).toString();
    return dropped === 0 ? text : `${text}\n(${dropped} more bytes of output were not kept)\n`;
  };
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // The group has already ended.
  }
}
