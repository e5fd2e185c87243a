/** The small parts of the host: clock, random bytes, keys, and facts about the system. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type Machine, machines } from './machines.ts';

describe.each(machines)('system $name', ({ open }) => {
  let machine: Machine;
  beforeEach(() => {
    machine = open();
  });
  afterEach(() => machine.close());

  test('both clocks advance by the time of a sleep', async () => {
    const { clock } = machine.host;
    const [date, start] = [clock.now().getTime(), clock.monotonic()];
    await clock.sleep(30);
    // Timers round to whole milliseconds of their own.
    expect(clock.monotonic() - start).toBeGreaterThanOrEqual(29);
    expect(clock.now().getTime() - date).toBeGreaterThanOrEqual(28);
  });

  test('the local time is ahead of UTC by whole minutes of at most 14 hours', () => {
    const { clock } = machine.host;
    const minutes = clock.offsetMinutes(clock.now());
    expect(Number.isInteger(minutes)).toBe(true);
    expect(Math.abs(minutes)).toBeLessThanOrEqual(14 * 60);
  });

  test('an aborted sleep ends at once, without an error', async () => {
    const { clock } = machine.host;
    const aborted = AbortSignal.abort(new Error('stop'));
    const start = clock.monotonic();
    await clock.sleep(60_000, aborted);
    const stop = new AbortController();
    const sleeping = clock.sleep(60_000, stop.signal);
    stop.abort();
    await sleeping;
    expect(clock.monotonic() - start).toBeLessThan(10_000);
  });

  test('random bytes have the requested length, and differ each time', () => {
    const { random } = machine.host;
    expect(random.bytes(0)).toHaveLength(0);
    const drawn = Array.from({ length: 50 }, () => Buffer.from(random.bytes(16)).toString('hex'));
    expect(new Set(drawn).size).toBe(50);
    expect(drawn.every((hex) => hex.length === 32)).toBe(true);
  });

  test.each([
    ['RSA-2048', /^-----BEGIN RSA PRIVATE KEY-----/, { modulusLength: 2048 }],
    ['ECDSA-P256', /^-----BEGIN EC PRIVATE KEY-----/, { namedCurve: 'prime256v1' }],
    ['ECDSA-P384', /^-----BEGIN EC PRIVATE KEY-----/, { namedCurve: 'secp384r1' }],
  ] as const)('the two PEM keys of a %s pair belong together', async (algorithm, header, details) => {
    const { privateKey, publicKey } = await machine.host.keys.generate(algorithm);
    expect(privateKey).toMatch(header);
    expect(publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect(createPrivateKey(privateKey).asymmetricKeyDetails).toMatchObject(details);
    expect(createPublicKey(privateKey).equals(createPublicKey(publicKey))).toBe(true);
  });

  test('the system reports its processors, memory and kernel', () => {
    const { system } = machine.host;
    expect(Number.isInteger(system.uid())).toBe(true);
    expect(system.cpus()).toBeGreaterThanOrEqual(1);
    expect(system.totalMemory()).toBeGreaterThan(64 * 1024 * 1024);
    expect(system.kernel()).toEqual({ name: 'Linux', release: expect.stringMatching(/^\d+\.\d+/) });
    expect(typeof system.environment()).toBe('object');
  });
});
