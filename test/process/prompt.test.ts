import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

import { createMemoryHost } from '../../src/host/memory/index.ts';
import { bun, node, run } from '../support/runtimes.ts';

const source = path.resolve(import.meta.dirname, '../../src/host/machine/process/prompt.ts');
const script = `
  const { nodePrompt } = await import(${JSON.stringify(source)});
  console.log(JSON.stringify((await nodePrompt.ask('Sure? ')) ?? null));
`;

/** The output of a process that asks once. Its standard input stays open unless `closed` is set. */
async function ask(
  runtime: string,
  input: string,
  { closed }: { readonly closed: boolean },
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(runtime, [...(runtime === node ? ['--input-type=module'] : []), '-e', script]);
    let output = '';
    child.stdout.on('data', (data) => {
      output += String(data);
    });
    child.once('error', reject);
    child.once('close', () => resolve(output));
    if (closed) child.stdin.end(input);
    else child.stdin.write(input);
  });
}

/** `runtime` is undefined for the machine in memory. */
describe.each([
  { name: 'in memory', runtime: undefined },
  { name: 'this machine, on Node', runtime: node },
  { name: 'this machine, in the executable', runtime: bun },
])('prompt $name', ({ runtime }) => {
  test.each([
    ['y\n', '"y"'],
    ['yes\nmore\n', '"yes"'],
    ['\n', '""'],
    ['no line end', '"no line end"'],
    ['ä\r\n', '"ä"'],
    ['', 'null'],
  ])('reads %j as %s', async (input, expected) => {
    if (runtime !== undefined) {
      expect(await ask(runtime, input, { closed: true })).toBe(`Sure? ${expected}\n`);
      return;
    }
    const lines = input === '' ? [] : input.replace(/\r?\n$/, '').split('\n');
    const host = createMemoryHost({ answers: lines });
    expect(JSON.stringify((await host.prompt.ask('Sure? ')) ?? null)).toBe(expected);
    expect(host.asked).toEqual(['Sure? ']);
  });

  test('does not keep the process alive after the answer if the input stays open', async () => {
    if (runtime !== undefined) {
      expect(await ask(runtime, 'y\n', { closed: false })).toBe('Sure? "y"\n');
    } else {
      expect(await createMemoryHost({ answers: ['y'] }).prompt.ask('Sure? ')).toBe('y');
    }
  });
});

describe.each([
  { name: 'Node', runtime: node },
  { name: 'the executable', runtime: bun },
])('standard input of $name', ({ runtime }) => {
  test.each([
    ['/dev/null', '</dev/null', 'null'],
    ['closed', '<&-', 'null'],
    ['a file with an answer', '<<EOF\nn\nEOF', '"n"'],
    ['a regular file', '<"$file"', '"yes"'],
  ])('is read if it is %s', async (_name, redirection, expected) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-prompt-'));
    try {
      const file = path.join(folder, 'answer');
      writeFileSync(file, 'yes\nmore\n');
      const args = [...(runtime === node ? ['--input-type=module'] : []), '-e', script];
      const shell = ['-c', `"$@" ${redirection}`, 'sh', runtime, ...args];
      expect(await run('sh', shell, { file })).toEqual({ code: 0, output: `Sure? ${expected}\n` });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
