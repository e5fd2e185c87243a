/** Lines of Kubernetes' structured log (klog's text format), as the kubelet writes them to the journal. */

export interface KlogLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Milliseconds since the year began, by the clock and in the time zone of the program. Only differences have a meaning. */
  readonly time: number;
}

const header = /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.\d+\s+\d+ \S+\] /;
const quoted = '"(?:[^"\\\\]|\\\\.)*"';

/** A line `E1124 19:22:26.754925 217 file.go:250] "message" key="value" …`; undefined for any other line. */
export function parseKlog(line: string): KlogLine | undefined {
  const head = header.exec(line);
  if (head === null) return undefined;
  const [month = 1, day = 1, hours = 0, minutes = 0, seconds = 0] = head.slice(1).map(Number);
  const time = Date.UTC(1970, month - 1, day, hours, minutes, seconds);
  const rest = line.slice(head[0].length);
  const message = new RegExp(`^${quoted}`).exec(rest)?.[0];
  if (message === undefined) return { message: rest, fields: {}, time };
  const pairs = rest.slice(message.length).matchAll(new RegExp(` ([\\w.-]+)=(${quoted}|\\S*)`, 'g'));
  const fields = Object.fromEntries([...pairs].map(([, key = '', value = '']) => [key, unquote(value)]));
  return { message: unquote(message), fields, time };
}

/** Removes Go's quotes and escapes. Line breaks become blanks, so that a value stays on one line. */
function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => (/[nrt]/.test(letter) ? ' ' : letter));
}

/** Joins the lines of a value that klog writes as `err=<`, indented lines and ` >`, because it has line breaks. */
export function joinedLines(lines: readonly string[]): readonly string[] {
  const joined: string[] = [];
  let open: string[] | undefined;
  for (const line of lines) {
    if (open === undefined && header.test(line) && line.endsWith('=<')) {
      open = [line.slice(0, -1)];
    } else if (open !== undefined && line.startsWith(' >')) {
      const [start = '', ...rest] = open;
      joined.push(`${start}${JSON.stringify(rest.join(' '))}${line.slice(2)}`);
      open = undefined;
    } else if (open === undefined) {
      joined.push(line);
    } else {
      open.push(line.trim());
    }
  }
  return [...joined, ...(open ?? [])];
}

/** A line without the parts that differ each time: header, time, process id, sandbox id and port. */
export function signature(line: string): string {
  return line
    .replace(header, '')
    .replace(/"ts":"[^"]*"/, '')
    .replace(/\b[0-9a-f]{64}\b/g, '#')
    .replace(/\d+/g, '#');
}
