/** Programs of this machine, run to their end with their output collected. */
import { spawn } from 'node:child_process';

/** `code` is 128 + signal number's place when killed: 137 after the deadline's SIGKILL. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Text or bytes for standard input; left out: empty. */
  readonly input?: string | Uint8Array;
  /** Milliseconds until the program and all of its process group are killed; left out: no deadline. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Thrown by what must succeed; the message holds the command and what it wrote to stderr. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

export const fixedPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The exit code is a result. Waits for the program, not for what it left in the background.
 * @throws LabError when the program cannot be started or its deadline passes.
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
    // A daemon that it left behind may hold the pipes open: what was written is read by then.
    child.on('exit', (code) => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        once(code);
      }, 1000).unref();
    });
  });
}

/** Standard output of a program that must succeed. @throws LabError with its stderr. */
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
    // Gone by itself.
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
