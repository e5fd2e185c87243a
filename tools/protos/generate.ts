/**
 * Writes src/clients/{cri,etcd}/generated from the .proto files beside this one. `verify` fails on a difference.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { nodeProgram, root } from '../steps.ts';

const plugin = path.join(root, 'node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es');

function generate(name: string): string {
  const work = mkdtempSync(path.join(tmpdir(), 'kubeadm-protos-'));
  try {
    copyFileSync(path.join(import.meta.dirname, `${name}.proto`), path.join(work, `${name}.proto`));
    writeFileSync(path.join(work, 'buf.yaml'), 'version: v2\n');
    const options = { local: [nodeProgram, plugin], out: 'out', opt: ['target=ts', 'import_extension=ts'] };
    writeFileSync(path.join(work, 'buf.gen.yaml'), JSON.stringify({ version: 'v2', plugins: [options] }));
    execFileSync(path.join(root, 'node_modules/.bin/buf'), ['generate'], {
      cwd: work,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return readFileSync(path.join(work, `out/${name}_pb.ts`), 'utf8');
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

for (const name of ['cri', 'etcd']) {
  const target = path.join(root, `src/clients/${name}/generated/${name}_pb.ts`);
  const text = generate(name);
  if (process.argv[2] === 'verify') {
    if (readFileSync(target, 'utf8') === text) continue;
    console.error(`${path.relative(root, target)} differs: run tools/protos/generate.ts update`);
    process.exitCode = 1;
  } else {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    console.log(`wrote ${path.relative(root, target)}`);
  }
}
