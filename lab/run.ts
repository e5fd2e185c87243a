/** Runs programs of this machine to their end and collects their output. */
import { spawn } from 'node:child_process';

/** `code` is 128 plus the number of the signal that killed the program, such as 137 after the deadline's SIGKILL. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Text or bytes for standard input. Defaults to none. */
  readonly input?: string | Uint8Array;
  /** The milliseconds until the program and its process group are killed. Defaults to no deadline. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The error of a program that must succeed. The message has the command and its stderr. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

export const fixedPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs a program and returns its exit code. It waits for the program, but not for programs that it left in the background.
 * @throws LabError if the program cannot be started or its deadline passes.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: options.cwd ?? '/',
      env: { PATH: fixedPath, HOME: '/root', LANG: 'C.UTF-8', ...options.env },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let late = false;
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => err.push(data));
    // A program that ends before it has read its input is not an error.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            killGroup(child.pid);
          }, options.timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new LabError(`${program}: ${error.message}`));
    });
    const settle = (code: number | null): void => {
      clearTimeout(timer);
      const result = {
        code: code ?? 137,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      };
      if (late) {
        const said = `${result.stdout}${result.stderr}`.slice(-2000);
        reject(new LabError(`${argv.join(' ')}: not done after ${options.timeoutMs} ms\n${said}`));
      } else resolve(result);
    };
    let settled = false;
    const once = (code: number | null): void => {
      if (settled) return;
      settled = true;
      settle(code);
    };
    child.on('close', once);
    // A daemon that the program left behind can hold the pipes open. By then, the output was read.
    child.on('exit', (code) => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        once(code);
      }, 1000).unref();
    });
  });
}

/** Returns the standard output of a program that must succeed. @throws LabError with its stderr. */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.code !== 0) {
    const said = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
    throw new LabError(`${argv.join(' ').slice(0, 500)}: exit code ${result.code}\n${said}`);
  }
  return result.stdout;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has ended meanwhile.
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
