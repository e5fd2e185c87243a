/** The reason that a program gives in its output when it ends. It works for any program. */
import { withKernelLimit } from './kernel-limit.ts';
import { joinedLines, parseKlog } from './klog.ts';
import { shortened } from './shortened.ts';

export interface LastWords {
  /** One line, such as `cannot access data directory: open /var/lib/etcd/.touch: read-only file system`. */
  readonly reason: string;
  /** At most 3 lines that contain the reason, oldest first, without stack traces. */
  readonly evidence: readonly string[];
  /** Whether the program failed only because another one does not answer. It recovers when that one answers. */
  readonly waitsForAnother: boolean;
  /** Whether the reason stays until somebody removes it. */
  readonly isLasting: boolean;
  /** Whether the program refuses its flags or its configuration, so that it will end in the same way each time. */
  readonly refusesInput: boolean;
}

const longestLine = 400;

const anotherIsMissing =
  /connection refused|deadline exceeded|timed out|\btimeout\b|unreachable|no route to host|connection reset|unavailable|not ready|\bEOF\b|no such host/i;

/** Faults that do not go away when another program starts. */
const lasting = new RegExp(
  [
    String.raw`x509: [^"\]]+`,
    String.raw`tls: (?!.*timeout)[^"\]]+`,
    'permission denied',
    'operation not permitted',
    'no space left on device',
    'disk quota exceeded',
    'read-only file system',
    'input/output error',
    'too many open files',
    'exec format error',
    'executable file not found',
    'no such file or directory',
    'not a directory',
    'is a directory',
    'address already in use',
    'cannot assign requested address',
    'cluster ID mismatch',
    'crc mismatch',
    'invalid database',
  ].join('|'),
);

/** The program refuses a flag, a feature gate or its configuration file. */
const refusing =
  /running with swap on is not supported|system validation failed|invalid kernel flag|Invalid Node Allocatable|differs from state checkpoint|could not restore state from checkpoint|unknown (?:shorthand )?flag|flag provided but not defined|invalid argument .* for .*flag|invalid value .* for flag|unrecognized feature gate|feature gates?:? from|cannot set feature gate|failed to (?:parse|load|decode|validate) kubelet|strict decoding error|unknown field|admission-plugins plugin .* is unknown|failed to verify flags|unknown command|quantities must match the regular expression/i;

/** The fault in a reason that stays until somebody removes it. */
export function lastingFault(reason: string): string | undefined {
  return lasting.exec(reason)?.[0];
}

/**
 * A server's lines about its callers, and those of an API server about webhooks and the servers of other APIs. It becomes
 * healthy without them.
 */
const aboutOthers =
  /TLS handshake error from|Unable to authenticate the request|remote error|failing or missing response from|call(?:ing)? webhook|OpenAPI spec/;

/**
 * Finds the reason in a log. It is klog's `command failed`, a panic or fatal error of zap or Go, or cobra's `Error:`,
 * and otherwise the last line. If the program only reports that a wait failed, and its log names a lasting fault, that
 * fault is the reason.
 *
 * @param log lines, oldest first, without time stamps of the runtime
 * @returns undefined for an empty log
 */
export function lastWords(log: readonly string[]): LastWords | undefined {
  const lines = withoutUsage(withoutStacks(joinedLines(log)));
  const found = lastTelling(lines);
  if (found === undefined) return undefined;
  if (!anotherIsMissing.test(found.reason) || lasting.test(found.reason))
    return words(found.reason, found.lines);
  const fault = lines.findLast((line) => lasting.test(line) && !aboutOthers.test(line));
  if (fault === undefined) return words(found.reason, found.lines);
  // Go guesses in parentheses why it does not trust a certificate.
  const cause =
    lasting
      .exec(plain(fault))?.[0]
      .replace(/ \(possibly .*$/, '')
      .trim() ?? found.reason;
  return words(`${cause} (${found.reason})`, [plain(fault), ...found.lines]);
}

/** A fault must be in so many lines of a running program, because each try of a healthy one can fail once. */
const troubledLines = 3;

/**
 * The fault that a program repeats although it runs on, such as a certificate that it does not trust. It is undefined for a
 * program without such a fault.
 *
 * @param log lines, oldest first, without time stamps of the runtime
 */
export function repeatedFault(log: readonly string[]): LastWords | undefined {
  const lines = withoutStacks(log).filter((line) => lasting.test(line) && !aboutOthers.test(line));
  const last = lines.at(-1);
  const fault = last === undefined ? undefined : lasting.exec(plain(last))?.[0].trim();
  if (last === undefined || fault === undefined) return undefined;
  const same = lines.filter((line) => lasting.exec(plain(line))?.[0].trim() === fault);
  return same.length < troubledLines ? undefined : words(messageIn(plain(last)), [plain(last)]);
}

/** The text of a line without klog's frame and place. */
function messageIn(line: string): string {
  const parsed = parseKlog(line);
  if (parsed === undefined) return line;
  const { err } = parsed.fields;
  return err === undefined ? parsed.message : `${parsed.message}: ${err}`;
}

/** The kubelet adds its whole configuration, of which it only shows the type. */
const configurationDump = /, path: &TypeMeta\{.*$/;

function words(text: string, evidence: readonly string[]): LastWords {
  const reason = withKernelLimit(text.replace(configurationDump, ''));
  const isLasting = lasting.test(reason);
  return {
    reason,
    evidence: evidence.map((line) => shortened(line, longestLine)),
    waitsForAnother: !isLasting && anotherIsMissing.test(reason),
    isLasting,
    refusesInput: refusing.test(reason),
  };
}

interface Telling {
  readonly reason: string;
  readonly lines: readonly string[];
}

/** Each one finds the reason in a line. The most certain kind comes first. */
const readers: readonly ((line: string) => string | undefined)[] = [
  (line) => {
    const parsed = parseKlog(line);
    return parsed?.message === 'command failed' ? parsed.fields.err : undefined;
  },
  // The controller manager ends as if it had lost its lease, after it could not make its controllers.
  (line) => (/\] "Error building controller(?:s| context)" /.test(line) ? messageIn(line) : undefined),
  // Go explains some fatal errors in a line before them.
  (line) => /^runtime: ((?:failed|out of|cannot) .+)$/.exec(line)?.[1],
  (line) => zapReason(line, ['panic', 'fatal']),
  (line) => /^(?:panic|fatal error): (.+)$/.exec(line)?.[1],
  // CoreDNS
  (line) => /^\[(?:FATAL|PANIC)\] (.+)$/.exec(line)?.[1],
  (line) => /^Error: (.+)$/.exec(line)?.[1],
  (line) => (/^F\d{4} /.test(line) ? parseKlog(line)?.message : undefined),
  (line) => zapReason(line, ['error']),
];

function lastTelling(lines: readonly string[]): Telling | undefined {
  for (const read of readers) {
    const index = lines.findLastIndex((line) => read(line) !== undefined);
    const line = lines[index];
    if (line === undefined) continue;
    return { reason: read(line) ?? '', lines: [plain(line)] };
  }
  const last = lines.slice(-3).map(plain);
  const end = last.at(-1);
  if (end === undefined) return undefined;
  // A program that ends after an error can still log what its other parts do.
  const error = /^[IW]\d{4} /.test(end) ? lines.findLast((line) => /^E\d{4} /.test(line)) : undefined;
  return error === undefined
    ? { reason: messageIn(end), lines: last }
    : { reason: messageIn(error), lines: [error] };
}

interface ZapLine {
  readonly level: string;
  readonly msg: string;
  readonly error?: string;
}

/** A line of zap's JSON encoder, as etcd writes it. */
function parseZap(line: string): ZapLine | undefined {
  if (!line.startsWith('{"level":')) return undefined;
  try {
    const { error, level, msg } = JSON.parse(line) as Partial<Record<string, unknown>>;
    if (typeof level !== 'string' || typeof msg !== 'string') return undefined;
    return typeof error === 'string' ? { level, msg, error } : { level, msg };
  } catch {
    return undefined;
  }
}

function zapReason(line: string, levels: readonly string[]): string | undefined {
  const zap = parseZap(line);
  if (zap === undefined || !levels.includes(zap.level)) return undefined;
  // etcd reports "discovery failed" for every failure to start.
  if (zap.error === undefined || zap.msg === 'discovery failed') return zap.error ?? zap.msg;
  return `${zap.msg}: ${zap.error}`;
}

/** A line for people: JSON becomes `level: message: error`. */
function plain(line: string): string {
  const zap = parseZap(line);
  if (zap === undefined) return line;
  return [zap.level, zap.msg, zap.error].filter((part) => part !== undefined).join(': ');
}

/** Removes the frames that follow a Go panic. */
function withoutStacks(log: readonly string[]): readonly string[] {
  const stack = log.findIndex((line) => /^goroutine \d+ /.test(line));
  const end = stack < 0 ? log : log.slice(0, stack);
  return end.filter((line) => line.trim() !== '' && !/^\[signal /.test(line));
}

/** Removes the flags that a program lists before or after it names a wrong one. */
function withoutUsage(log: readonly string[]): readonly string[] {
  const usage = log.findIndex((line) => /^usage:$/i.test(line.trim()));
  return usage < 0 ? log : log.filter((line, index) => index < usage || !/^\s|:$/.test(line));
}

/** At most 3 lines up to the index, without usage texts and stack traces in front of it. */
export function upTo(log: readonly string[], index: number): readonly string[] {
  return withoutUsage(log.slice(0, index + 1))
    .slice(-3)
    .map(plain)
    .map((line) => shortened(line, longestLine));
}
