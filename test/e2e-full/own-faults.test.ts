/** Further faults of init: preflight warns of them, or the first line of the error names the component and the cause. */
import { afterAll, describe, expect, test } from 'vitest';

import { errorIn, prepare, timedInit } from '../support/faulty-node.ts';
import { withNode } from '../support/node.ts';
import { type OwnFault, ownFaults } from '../support/own-faults.ts';

interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly finder: string;
  readonly line: string;
}

const rows: Row[] = [];

async function findsCause({ cause, isRefused = false, name, preflight, ...fault }: OwnFault): Promise<void> {
  await withNode(async (lab, node) => {
    await prepare(lab, node, fault);
    const { code, output, seconds, wholeSeconds } = await timedInit(node);
    const line = errorIn(output).split('\n', 1)[0] ?? '';
    const isWarned = preflight?.test(output) === true;
    const waited = Number.isNaN(seconds) ? 'a phase' : 'a wait';
    rows.push({
      name,
      seconds: Number.isNaN(seconds) ? wholeSeconds : seconds,
      finder: [...(isWarned ? ['preflight'] : []), ...(isRefused ? [] : [waited])].join(', '),
      line,
    });
    console.log(
      `figure ${name}: ${seconds.toFixed(1)} s (whole run ${wholeSeconds.toFixed(1)} s)\n${output}`,
    );
    expect(code, output).toBe(1);
    if (preflight !== undefined) expect(output).toMatch(preflight);
    if (!isRefused) expect(line).toMatch(cause);
  });
}

describe('further faults of init', () => {
  test.each(ownFaults.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    await findsCause(fault);
  });

  afterAll(() => {
    const table = rows.map(({ finder, line, name, seconds }) =>
      [name, `${seconds.toFixed(1)} s`, finder, line].join(' | '),
    );
    console.log(`fault | seconds | found by | first line\n${table.join('\n')}`);
  });
});
