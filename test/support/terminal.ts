/** A real terminal: a window of tmux, on a server of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TerminalWindow {
  /** The visible lines without trailing blanks; `history` adds the lines above, unwrapped. */
  readonly screen: (what?: 'visible' | 'history' | 'colours') => string;
  /** Every byte that was written to the terminal. */
  readonly bytes: () => string;
  readonly type: (text: string) => void;
  readonly press: (key: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** Waits until the text appears. @throws Error with the screen after a minute (or `seconds`) */
  readonly until: (pattern: RegExp, seconds?: number) => Promise<string>;
  readonly close: () => void;
}

interface WindowOptions {
  readonly columns: number;
  readonly rows?: number;
  /** `TERM` of the programs in the window; defaults to tmux's own. */
  readonly term?: string;
}

let windows = 0;

/** Opens a shell with the prompt `$ `, without the CI variable of the tests. */
export async function openWindow({ columns, rows = 24, term }: WindowOptions): Promise<TerminalWindow> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-terminal-'));
  const log = path.join(folder, 'bytes');
  windows++;
  const server = ['-S', path.join(folder, 'socket'), '-f', '/dev/null'];
  const tmux = (...args: readonly string[]): string => {
    const { error, status, stderr, stdout } = spawnSync('tmux', [...server, ...args], { encoding: 'utf8' });
    if (error !== undefined) throw new Error(`tmux is needed for this test: ${error.message}`);
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const environment = [
    '-u',
    'CI',
    '-u',
    'NO_COLOR',
    'PS1=$ ',
    ...(term === undefined ? [] : [`TERM=${term}`]),
  ];
  const shell = ['env', ...environment, 'sh'].map((word) => `'${word}'`).join(' ');
  tmux('new-session', '-d', '-s', `w${windows}`, '-x', String(columns), '-y', String(rows), shell);
  tmux('set-option', '-g', 'history-limit', '10000');
  tmux('pipe-pane', `cat > '${log}'`);
  const options = { visible: [], history: ['-J', '-S', '-'], colours: ['-e'] };
  const screen: TerminalWindow['screen'] = (what = 'visible') =>
    tmux('capture-pane', '-p', ...options[what])
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  const until: TerminalWindow['until'] = async (pattern, seconds = 60) => {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const text = screen();
      if (pattern.test(text)) return text;
      if (performance.now() > end) throw new Error(`${pattern} did not come:\n${screen('history')}`);
      await sleep(30);
    }
  };
  await until(/^\$/);
  return {
    screen,
    until,
    bytes: () => readFileSync(log, 'utf8'),
    type: (text) => void tmux('send-keys', '-l', text) + tmux('send-keys', 'Enter'),
    press: (key) => void tmux('send-keys', key),
    resize: (width, height) => void tmux('resize-window', '-x', String(width), '-y', String(height)),
    close: () => {
      spawnSync('tmux', [...server, 'kill-server']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
