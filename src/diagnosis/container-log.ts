/** The log of a container as the runtime writes it to a file. */
import type { FileReads } from '../host/ports.ts';
import { redact } from './redact.ts';

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

/** `redact` on each line; the lines of a PEM block, which are short, become one. */
export function redactLines(lines: readonly string[]): readonly string[] {
  const shown: string[] = [];
  let hidden = false;
  for (const line of lines) {
    const begins = /-----BEGIN [A-Z ]+-----/.test(line);
    const ends = /-----END [A-Z ]+-----/.test(line);
    if (begins) shown.push('<data>');
    else if (!hidden && !ends) shown.push(redact(line));
    hidden = (hidden || begins) && !ends;
  }
  return shown;
}

/** Without the CRI format's time, stream and tag. */
function withoutFrame(line: string): string {
  return line.replace(/^\S+ (stdout|stderr) [FP]( |$)/, '').trimEnd();
}
