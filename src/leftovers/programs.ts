/** Runs the programs of the machine that list and remove rules, links and sets. */
import { ExecError } from '../errors.ts';
import type { ExecOptions, ExecResult, Host } from '../host.ts';
import type { SearchHost } from './search.ts';

/** The output of a program that lists things, or the reason why this machine has nothing to list. */
export type Listing = { readonly stdout: string } | { readonly notSearched: string };

/** The program and its arguments. */
type Command = readonly [program: string, ...args: string[]];

/**
 * Runs a program that lists things.
 *
 * @throws ExecError if it fails for another reason than a missing feature of the kernel
 */
export async function listing(
  { exec }: SearchHost,
  [program, ...args]: Command,
  signal: AbortSignal,
): Promise<Listing> {
  if ((await exec.find(program)) === undefined) return { notSearched: `${program} is not installed` };
  const result = await exec.probe(program, args, { signal });
  if (result.code === 0) return { stdout: result.stdout };
  const message = outputOf(result);
  if (lacksFeature(message)) return { notSearched: `the kernel does not support ${program}: ${message}` };
  throw failure([program, ...args], result);
}

/** @throws ExecError if the program is missing or fails */
export async function runOrFail(
  { exec }: Host,
  [program, ...args]: Command,
  options: ExecOptions,
): Promise<void> {
  if ((await exec.find(program)) === undefined) {
    throw new ExecError(`${program} is not installed`, { hint: `Install ${program}, and run reset again.` });
  }
  const result = await exec.run(program, args, options);
  if (result.code !== 0) throw failure([program, ...args], result);
}

function failure(command: Command, result: ExecResult): ExecError {
  return new ExecError(`${command.join(' ')} ended with exit code ${result.code}: ${outputOf(result)}`);
}

function outputOf({ stderr, stdout }: ExecResult): string {
  return (stderr || stdout).trim().split('\n').slice(0, 3).join('; ');
}

/** Without such a feature, the kernel has no rules or sets of the kind. Missing rights are another matter. */
function lacksFeature(message: string): boolean {
  return /not supported|does not exist|No such file|Could not fetch rule set generation id: Invalid/i.test(
    message,
  );
}
