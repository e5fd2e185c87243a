import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinedLines, parseKlog, signature } from './klog.ts';

const head = 'E1124 19:27:24.219274     209 run.go:72] ';

test('the reader of klog lines reads a line of the kubelet', () => {
  const line = `${head}"command failed" err="failed to parse kubelet flag: unknown flag: --nonsense" code=1`;
  expect(parseKlog(line)).toEqual({
    message: 'command failed',
    fields: { err: 'failed to parse kubelet flag: unknown flag: --nonsense', code: '1' },
    time: Date.UTC(1970, 10, 24, 19, 27, 24),
  });
});

test('the reader of klog lines reads unstructured lines, and no others', () => {
  expect(parseKlog(`${head}Generated self-signed cert in-memory`)).toEqual({
    message: 'Generated self-signed cert in-memory',
    fields: {},
    time: expect.any(Number),
  });
  expect(parseKlog('Error: unknown flag: --nonsense')).toBeUndefined();
});

test('the reader of klog lines gives back any text that Go has quoted', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (message, value) => {
      const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
      expect(
        parseKlog(`${head}${quote(message)} err=${quote(value)} pod="kube-system/etcd-n"`),
      ).toMatchObject({
        message,
        fields: { err: value, pod: 'kube-system/etcd-n' },
      });
    }),
  );
});

test('the reader of klog lines knows the same words at another time, of another process and sandbox', () => {
  const line = (time: string, pid: number, id: string) =>
    `E1124 ${time}     ${pid} run.go:72] "command failed" err="sandbox \\"${id.repeat(64)}\\": no"`;
  expect(signature(line('19:27:24.219274', 209, 'a'))).toBe(signature(line('19:27:34.319597', 244, 'b')));
  expect(signature('this')).not.toBe(signature('that'));
});

test('a value of several lines is joined', () => {
  const lines = [
    'before',
    `${head}"command failed" err=<`,
    '\terror in "a":',
    "\tkind: 'x'",
    ' > code=1',
    'after',
  ];
  const [before, joined = '', after] = joinedLines(lines);
  expect([before, after]).toEqual(['before', 'after']);
  expect(parseKlog(joined)?.fields).toEqual({ err: `error in "a": kind: 'x'`, code: '1' });
  expect(joinedLines([`${head}"x" err=<`, '\ta'])).toEqual([`${head}"x" err=`, 'a']);
});
