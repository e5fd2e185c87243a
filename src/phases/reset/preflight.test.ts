import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { preflight } from './preflight.ts';
import { resetInput, runPhase } from './reset.fixture.ts';

describe('reset preflight', () => {
  test.each(['y', 'Y', 'yes', 'YES'])('goes on after %s', async (answer) => {
    const host = createMemoryHost({ answers: [answer] });
    const { error, lines } = await runPhase(preflight, host, resetInput());
    expect(error).toBeUndefined();
    expect(host.asked).toEqual([expect.stringMatching(/^\[reset\] .*\[y\/N\]: $/)]);
    expect(lines).toEqual([expect.stringMatching(/^warning \[reset\]/)]);
  });

  test.each([['n'], [''], ['ye'], ['y '], [undefined]])('refuses after %j', async (answer) => {
    const host = createMemoryHost({ answers: answer === undefined ? [] : [answer] });
    const { error, events } = await runPhase(preflight, host, resetInput());
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining("won't proceed") });
    expect(events.map(({ type }) => type)).not.toContain('preflight-running');
  });

  test('does not ask if it must not', async () => {
    const host = createMemoryHost();
    const { error, events } = await runPhase(preflight, host, resetInput({ options: { ask: false } }));
    expect(error).toBeUndefined();
    expect(host.asked).toEqual([]);
    expect(events).toEqual([{ type: 'preflight-running' }]);
  });

  test('wants root, unless that is ignored', async () => {
    const host = createMemoryHost({ uid: 1000 });
    const refused = await runPhase(preflight, host, resetInput({ options: { ask: false } }));
    expect(refused.error).toMatchObject({ code: 'preflight-failed' });
    const options = { ask: false, ignorePreflightErrors: ['isprivilegeduser'] };
    expect((await runPhase(preflight, host, resetInput({ options }))).error).toBeUndefined();
  });
});
