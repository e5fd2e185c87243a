/** The log of a container as the runtime writes it to a file. */
import type { FileReads } from '../../host.ts';
import { redact } from '../../lib/redact.ts';

const maximumLogBytes = 16 * 1024 * 1024;
/** The first lines count too, because a wrong flag is named there, before hundreds of lines of usage. */
const firstLines = 20;
const lastLines = 60;
const manyLines = 300;

/** The first and last lines, oldest first, without time stamps, empty lines and secrets. Empty without a log. */
export async function containerLog(files: Pick<FileReads, 'read'>, path: string): Promise<readonly string[]> {
  return redactLines(ends(await linesOf(files, path), firstLines, lastLines));
}

/** The same with many more lines, and with secrets. */
export async function wholeLog(files: Pick<FileReads, 'read'>, path: string): Promise<readonly string[]> {
  return ends(await linesOf(files, path), manyLines, manyLines);
}

function ends(lines: readonly string[], first: number, last: number): readonly string[] {
  return lines.length <= first + last ? lines : [...lines.slice(0, first), ...lines.slice(-last)];
}

async function linesOf(files: Pick<FileReads, 'read'>, path: string): Promise<readonly string[]> {
  if (path === '') return [];
  try {
    const bytes = await files.read(path, { maxBytes: maximumLogBytes });
    const lines = new TextDecoder().decode(bytes).split('\n').map(withoutFrame);
    return lines.filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** Works as `redact`, but also finds secrets on several lines. */
export function redactLines(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : redact(lines.join('\n')).split('\n');
}

/** Removes the time, stream and tag of the CRI format. */
function withoutFrame(line: string): string {
  return line.replace(/^\S+ (stdout|stderr) [FP]( |$)/, '').trimEnd();
}
