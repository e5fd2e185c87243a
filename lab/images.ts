/** A containerd root with all images, which is made once and copied to every node. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Components } from '../components/index.ts';
import { fileKey, makeOnce } from './root.ts';
import { mustRun } from './run.ts';

const script = join(dirname(fileURLToPath(import.meta.url)), 'import-images.sh');

/** Returns the folder of the imported images, and imports new ones. `report` receives the steps that take long. */
export async function ensureImages(
  cache: string,
  components: Components,
  report: (line: string) => void,
): Promise<string> {
  const { containerd, ctr } = components.programs;
  const tars = components.images.map((image) => image.tar);
  const keys = await Promise.all([containerd, ...tars].map(fileKey));
  const key = createHash('sha256').update(keys.sort().join('\n')).digest('hex').slice(0, 24);
  const template = join(cache, `containerd-${key}`);
  if (existsSync(template)) return template;
  await mkdir(cache, { recursive: true });
  await removePartials(cache);
  const start = performance.now();
  report(`importing ${tars.length} images into ${template}`);
  await makeOnce(template, async (partial) => {
    const namespaces = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child'];
    await mustRun([...namespaces, script, partial, containerd, ctr, ...tars], { timeoutMs: 300_000 });
  });
  report(`imported in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return template;
}

/** The reference of the pause image of a release. */
export function pauseImage(components: Components): string {
  const found = components.images.find(({ reference }) => /\/pause:/.test(reference));
  return found?.reference ?? 'registry.k8s.io/pause:3.10.2';
}

/** Removes the unfinished folders of processes that have ended. */
async function removePartials(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /^\.partial-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      await rm(join(cache, name), { recursive: true, force: true });
    }
  }
}
