import { test } from 'vitest';

import { withNode } from '../support/node.ts';
import { expectCleanMachine } from '../support/reset-all.ts';

test('reset --all leaves the machine as it was before init with kube-proxy in nftables mode', async () => {
  await withNode(async (lab, node) => await expectCleanMachine(lab, node, 'nftables'));
});
