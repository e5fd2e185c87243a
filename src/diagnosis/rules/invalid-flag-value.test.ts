import { expect, test } from 'vitest';
import { withRuns } from '../facts.fixture.ts';
import { invalidFlagValue } from './invalid-flag-value.ts';

test.each([
  ['etcd', 2, 'invalid value "abc" for flag -heartbeat-interval: parse error', '(--heartbeat-interval)'],
  [
    'kube-apiserver',
    1,
    'Error: invalid argument "abc" for "-v, --v" flag: strconv.ParseUint: parsing "abc": invalid syntax',
    '(--v)',
  ],
  [
    'etcd',
    1,
    '{"level":"warn","caller":"etcdmain/etcd.go:66","msg":"failed to verify flags","error":"unknown auto-compaction-mode \\"bad\\""}',
    '(unknown auto-compaction-mode "bad")',
  ],
])('the rule for invalid flag values names what %s refuses', (component, exitCode, line, named) => {
  const cause = invalidFlagValue.find(
    withRuns(component, [
      { log: [line], exitCode },
      { log: [line], exitCode },
    ]),
  );
  expect(cause).toMatchObject({ component, exitCode, evidence: [line] });
  expect(cause?.summary).toContain(`${component} refuses the value of a flag ${named}`);
  expect(invalidFlagValue.find(withRuns(component, [{ log: [line], exitCode }]))).toBeUndefined();
});
