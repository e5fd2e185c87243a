/** The file of `--output-result`. It is opened before the run, so that the run does not begin without it. */
import { KubeadmError, usageError } from '../errors.ts';
import type { CommandLine } from './command-line.ts';
import type { CommandFlags } from './flag-values.ts';
import { jsonDestination } from './json-destination.ts';
import { type FinishedRun, resultDocument } from './result-document.ts';

interface ResultFile {
  /** Writes the document on one line. Returns the error if its reader did not get all of it. */
  readonly write: (run: FinishedRun) => Promise<KubeadmError | undefined>;
}

/**
 * Returns undefined without `--output-result`.
 *
 * @throws KubeadmError code `usage` for an unknown form, or for the file of `--output-events`; the errors of `openOutputFile`
 */
export async function openResult(
  flags: CommandFlags<'output-events' | 'output-result'>,
  { openOutputFile }: Pick<CommandLine, 'openOutputFile'>,
): Promise<ResultFile | undefined> {
  const destination = jsonDestination(flags, 'output-result');
  if (typeof destination !== 'object') return undefined;
  const { file } = destination;
  if (flags.given['output-events'] === `json=${file}`)
    throw usageError(`--output-events and --output-result name the same file ${file}`, 'Name two files.');
  const output = await openOutputFile(file, 'result');
  return {
    write: async (run) => {
      output.write(`${JSON.stringify(resultDocument(run))}\n`);
      const lost = await output.close();
      if (lost === undefined) return undefined;
      return new KubeadmError('file', `the run has ended, but ${lost}`, {
        place: { file },
        hint: 'The changes to this machine and to the cluster stay. "kubeadm token create --print-join-command" prints how nodes join.',
      });
    },
  };
}
