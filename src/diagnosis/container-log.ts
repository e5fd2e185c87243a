/** The log of a container as the runtime writes it to a file. */
import type { FileReads } from '../host.ts';
import { redact } from '../lib/redact.ts';

const maximumLogBytes = 16 * 1024 * 1024;
/** The first lines count too, because a wrong flag is named there, before hundreds of lines of usage. */
const firstLines = 20;
const lastLines = 60;

/** The first and last lines, oldest first, without time stamps, empty lines and secrets. Empty without a log. */
export async function containerLog(files: Pick<FileReads, 'read'>, path: string): Promise<readonly string[]> {
  if (path === '') return [];
  try {
    const bytes = await files.read(path, { maxBytes: maximumLogBytes });
    const lines = new TextDecoder().decode(bytes).split('\n').map(withoutFrame);
    const filled = lines.filter((line) => line !== '');
    const kept =
      filled.length <= firstLines + lastLines
        ? filled
        : [...filled.slice(0, firstLines), ...filled.slice(-lastLines)];
    return redactLines(kept);
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
