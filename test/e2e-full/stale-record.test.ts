/** The record of an init that was cut off, on a node where another cluster was created since. */
import { expect, test } from 'vitest';

import { expectedPods, waitForCluster } from '../../lab/cluster.ts';
import { installPodNetwork, type LabNode } from '../../lab/index.ts';
import { cutOff, init } from '../support/cut-off.ts';
import {
  attempt,
  changes,
  clusterObjects,
  kubeadmFiles,
  run,
  type State,
  upstream,
  withBoth,
} from '../support/interop.ts';
import { configFile, nodeName } from '../support/node.ts';

test('init is refused and changes nothing after a cut-off init, and reset and init by upstream', async () => {
  await withBoth(async (lab, node) => {
    const cut = await cutOff(node, init, { phase: 'upload-certs', moment: 'start' });
    expect(cut.killed, cut.output).toBe(true);
    await run(node, upstream, 'reset -f');
    await run(node, upstream, `init --config ${configFile}`);
    await installPodNetwork(lab);
    await waitForCluster(node, { pods: expectedPods(nodeName) });
    const [files, objects] = [await clusterFiles(node), await clusterObjects(node)];

    const again = await attempt(node, 'kubeadm', init.join(' '));
    expect(again.code, again.stdout + again.stderr).toBe(1);
    expect(again.stderr).toContain('[ERROR FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml]');
    // The only sentence about reset must be the warning about its effect.
    expect(again.stderr.replace(/^hint: .*'kubeadm reset' would remove it\.$/m, '')).not.toContain(
      'kubeadm reset',
    );
    expect(changes(files, await clusterFiles(node))).toEqual([]);
    expect(changes(objects, await clusterObjects(node))).toEqual([]);
  });
});

/** All files except the record, which may be removed. */
async function clusterFiles(node: LabNode): Promise<State> {
  return new Map([...(await kubeadmFiles(node))].filter(([path]) => !path.startsWith('/var/lib/kubeadm')));
}
