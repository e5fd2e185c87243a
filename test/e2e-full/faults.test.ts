/** The first line of the error names the component and the cause of a fault, soon. */
import { afterAll, describe, expect, test } from 'vitest';

import { type Fault, publicFaults } from '../support/faults.ts';
import { errorIn, prepare, timedInit } from '../support/faulty-node.ts';
import { withNode } from '../support/node.ts';

const limitSeconds = 20;
const medianSeconds = 10;

const measured: number[] = [];

async function findsCause(fault: Fault): Promise<void> {
  await withNode(async (lab, node) => {
    await prepare(lab, node, fault);
    const { code, output, seconds, wholeSeconds } = await timedInit(node);
    const error = errorIn(output);
    console.log(
      `figure ${fault.name}: ${seconds.toFixed(1)} s (whole run ${wholeSeconds.toFixed(1)} s)\n${error}`,
    );
    expect(code, output).toBe(1);
    expect(error.split('\n', 1)[0]).toMatch(fault.cause);
    expect(wholeSeconds).toBeLessThan(60);
    expect(seconds).toBeLessThanOrEqual(limitSeconds);
    measured.push(seconds);
  });
}

describe('the public faults of init', () => {
  test.each(publicFaults.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    await findsCause(fault);
  });

  afterAll(() => {
    const sorted = measured.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    console.log(`figure median of ${sorted.length} faults: ${median.toFixed(1)} s`);
    if (sorted.length > 0) expect(median).toBeLessThanOrEqual(medianSeconds);
  });
});
