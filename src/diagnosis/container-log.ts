/** The log of a container as the runtime writes it to a file. */
import type { FileReads } from '../host.ts';
import { redact } from '../lib/redact.ts';

const maximumLogBytes = 16 * 1024 * 1024;
/** A wrong flag is named at the very start, before hundreds of lines of usage. */
const firstLines = 20;
const lastLines = 60;

/** Its first and last lines, oldest first, without time stamps, empty lines and secrets; none when there is no log. */
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

/** `redact`, also of what stands on several lines. */
export function redactLines(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : redact(lines.join('\n')).split('\n');
}

/** Without the CRI format's time, stream and tag. */
function withoutFrame(line: string): string {
  return line.replace(/^\S+ (stdout|stderr) [FP]( |$)/, '').trimEnd();
}
