import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

test('the examples of docs/library.md compile, and the first one makes a cluster', () => {
  const text = readFileSync(path.join(root, 'docs/library.md'), 'utf8');
  const examples = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, example = '']) => example);
  expect(examples).toHaveLength(2);
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-library-'));
  const files = examples.map((_, index) => path.join(folder, `example-${index}.ts`));
  const node = (args: readonly string[]) =>
    spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  try {
    writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    for (const [index, file] of files.entries()) {
      const example = examples[index] ?? '';
      writeFileSync(file, example.replace("from 'kubeadm'", `from '${root}/src/index.ts'`));
    }
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: path.join(root, 'tsconfig.json'),
        compilerOptions: {
          rewriteRelativeImportExtensions: false,
          typeRoots: [path.join(root, 'node_modules/@types')],
        },
        include: [...files, path.join(root, 'src/host/machine/ffi/*.d.ts')],
      }),
    );
    const compiled = node([path.join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', folder]);
    expect(compiled.stdout + compiled.stderr).toBe('');
    const run = node(files.slice(0, 1));
    expect(run.stderr).toBe('');
    const lines = run.stdout.trimEnd().split('\n');
    expect(lines).toContain('certs/ca: made ca');
    expect(lines).toContain('certs/sa: made sa');
    expect(lines.slice(-3)).toEqual([
      'control-plane runs v1.36.2; its kubeconfig is /etc/kubernetes/admin.conf',
      'workers join 10.88.0.10:6443 with [secret]',
      'kubeadm join 10.88.0.10:6443',
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
