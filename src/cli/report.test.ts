import { describe, expect, test } from 'vitest';

import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { configuration } from './command.fixture.ts';
import type { CommandLine } from './command-line.ts';
import { main } from './main.ts';
import { recordedEvent } from './render/json.ts';
import type { Terminal } from './render/live.ts';
import { textScreen } from './render/screen.ts';

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly host: MemoryHost;
}

async function run(argv: readonly string[], more: Partial<CommandLine> = {}): Promise<Result> {
  const host = createMemoryHost({ files: { '/kubeadm.yaml': configuration } });
  let stdout = '';
  let stderr = '';
  const files = new Map<string, string[]>();
  const code = await main(argv, {
    host,
    output: {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
    },
    signal: new AbortController().signal,
    changeRoot: async () => undefined,
    openOutputFile: async (path) => {
      const lines: string[] = [];
      files.set(path, lines);
      const close = async (): Promise<undefined> => void lines.push('closed');
      return { write: (line) => void lines.push(line), close };
    },
    ...more,
  });
  return { code, stdout, stderr, files, host };
}

const certs = ['init', 'phase', 'certs', 'all', '--config', '/kubeadm.yaml'];

/** Checks that the lines are events. The test in tools/docs checks that events match the schema. */
function expectEvents(lines: readonly string[]): void {
  for (const line of lines) expect(recordedEvent(line).event.type).toMatch(/^[a-z-]+$/);
}

describe('events of a run', () => {
  test('go to a file, from which the same text can be made', async () => {
    const { code, files, stderr, stdout } = await run([...certs, '-v', '1', '--output-events', 'json=/e']);
    expect(code).toBe(0);
    const lines = files.get('/e') ?? [];
    expect(lines.at(-1)).toBe('closed');
    const stream = lines.slice(0, -1);
    expectEvents(stream);
    const again = { stdout: '', stderr: '' };
    const show = textScreen(
      {
        stdout: (text) => {
          again.stdout += text;
        },
        stderr: (text) => {
          again.stderr += text;
        },
      },
      1,
    );
    for (const line of stream) show(recordedEvent(line));
    expect(again).toEqual({ stdout, stderr });
    expect(stdout).toContain('[certs] Generating "ca" certificate and key\n');
    expect(stderr).toContain('detail: timeline of init phase certs all: ');
    expect(stream.join('')).not.toContain('PRIVATE KEY');
  });

  test('events that did not reach their reader are reported as a warning on standard error', async () => {
    const openOutputFile = async () => ({ write: () => undefined, close: async () => 'lines are lost' });
    const { code, stderr } = await run([...certs, '--output-events', 'json=/e'], { openOutputFile });
    expect([code, stderr]).toEqual([0, 'warning: lines are lost\n']);
  });

  test('are the only text on standard error, also if the run fails', async () => {
    const good = await run([...certs, '--output-events=json']);
    expect(good.stdout).toContain('[certs] Generating "ca" certificate and key\n');
    const lines = good.stderr.trimEnd().split('\n');
    expectEvents(lines);
    expect(recordedEvent(lines.at(-1) ?? '').event).toMatchObject({ type: 'run-finished' });

    const bad = await run([...certs.slice(0, -1), '/missing.yaml', '--output-events=json']);
    expect(bad.code).toBe(1);
    const failed = bad.stderr.trimEnd().split('\n');
    expectEvents(failed);
    expect(failed.map((line) => recordedEvent(line).event.type)).toEqual(['run-started', 'run-failed']);
    expect(failed[1]).toContain('/missing.yaml');
  });

  test('name deprecated flags', async () => {
    const flag = '--apiserver-extra-args=v=1';
    const argv = ['init', 'phase', 'control-plane', 'apiserver', flag];
    const plain = await run(argv);
    const streamed = await run([...argv, '--output-events=json']);
    const notice = 'Flag --apiserver-extra-args has been deprecated';
    expect(plain.stderr).toContain(`${notice}, use`);
    expectEvents(streamed.stderr.trimEnd().split('\n'));
    expect(streamed.stderr).toContain(notice);
  });

  test('end with run-failed after an uncaught exception', async () => {
    const crash = new AbortController();
    const argv = ['reset', '--output-events', 'json=/e'];
    const host = createMemoryHost();
    const ask = async (): Promise<string> => {
      crash.abort(new Error('from a listener'));
      return await new Promise(() => undefined);
    };
    const { code, files } = await run(argv, { host: { ...host, prompt: { ask } }, failure: crash.signal });
    const lines = files.get('/e') ?? [];
    expect([code, lines.at(-1)]).toEqual([1, 'closed']);
    expect(recordedEvent(lines.at(-2) ?? '').event).toMatchObject({
      type: 'run-failed',
      code: 'unexpected',
      message: 'from a listener',
    });
  });

  test('have times that never decrease', async () => {
    const { files } = await run([...certs, '--output-events', 'json=/e']);
    const times = (files.get('/e') ?? []).slice(0, -1).map((line) => recordedEvent(line).at);
    expect(times.length).toBeGreaterThan(20);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test.each(['yaml', '', 'json=', 'JSON'])('cannot be written in the form %j', async (form) => {
    const { code, stderr } = await run([...certs, `--output-events=${form}`]);
    expect(code).toBe(1);
    expect(stderr).toContain('for --output-events\nhint: use json (on standard error) or json=<file>\n');
  });

  test('have the question that the user is asked', async () => {
    const { code, stderr } = await run(['reset', '--output-events=json']);
    expect(code).toBe(1);
    const types = stderr
      .trimEnd()
      .split('\n')
      .map((line) => recordedEvent(line).event.type);
    expect(types).toContain('prompt-opened');
    expect(types.indexOf('prompt-closed')).toBe(types.indexOf('prompt-opened') + 1);
    expect(types.slice(-3)).toEqual(['phase-failed', 'timeline', 'run-failed']);
  });
});

describe('the picture', () => {
  test('shows the timeline at the end of a run, also of one that failed', async () => {
    const { host } = await run([...certs, '--timeline', '/timeline.svg']);
    const svg = await host.files.readText('/timeline.svg');
    expect(svg).toContain('init phase certs all: ');
    expect(svg.match(/certs\/ca:/g)).toHaveLength(1);
    const failed = await run(['reset', '--timeline', '/timeline.svg']);
    expect(await failed.host.files.readText('/timeline.svg')).toContain('preflight: from');
  });

  test('does not make a run fail if it cannot be written', async () => {
    const { code, stderr } = await run([...certs, '--timeline', '/no/such/folder/x.svg']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: the timeline was not drawn: .*\/no\/such\/folder\/x\.svg/m);
  });
});

describe('the live view', () => {
  const open = (written: string[]): Terminal => ({
    size: () => ({ columns: 80, rows: 24 }),
    write: (text) => void written.push(text),
    onResize: () => () => undefined,
    every: () => () => undefined,
    atExit: () => undefined,
  });

  test.each([
    [{}, false],
    [{ TERM: 'dumb' }, false],
    [{ TERM: 'xterm', CI: 'true' }, false],
    [{ TERM: 'xterm' }, true],
    [{ TERM: 'xterm', NO_COLOR: '1' }, true],
  ] as const)('with %j: %s', async (environment, shown) => {
    const memory = createMemoryHost({ files: { '/kubeadm.yaml': configuration } });
    const host = { ...memory, system: { ...memory.system, environment: () => environment } };
    const written: string[] = [];
    const { stdout } = await run(certs, { host, openTerminal: async () => open(written) });
    expect(stdout).toContain('[certs] Generating "ca" certificate and key\n');
    const all = written.join('') + stdout;
    expect(all.includes('of 12 phases done')).toBe(shown);
    expect(all.includes('\x1b[1m')).toBe(shown && !('NO_COLOR' in environment));
    expect(all.includes('\x1b')).toBe(shown);
  });
});

test.each([
  ['is freed when the phase ends', 500, (finished: number) => finished],
  ['stays for a moment if the phases are short', 0, () => 1],
])('the memory of a phase %s', async (_, millisecondsPerLook, expected) => {
  let collected = 0;
  const garbageCollector = async () => () => void collected++;
  const host = createMemoryHost({ files: { '/kubeadm.yaml': configuration } });
  let now = 0;
  const monotonic = (): number => {
    now += millisecondsPerLook;
    return now;
  };
  const { files } = await run([...certs, '--output-events', 'json=/e'], {
    garbageCollector,
    host: { ...host, clock: { ...host.clock, monotonic } },
  });
  const finished = (files.get('/e') ?? []).filter((line) => line.includes('"phase-finished"'));
  expect(finished.length).toBeGreaterThan(5);
  expect(collected).toBe(expected(finished.length));
});
