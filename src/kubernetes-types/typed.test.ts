import { describe, expect, test } from 'vitest';
import { ownRelease } from '../releases/index.ts';
import type { KnownKind } from './schema.ts';
import { TypedValueError, typedForm } from './typed.ts';

const typed = (kind: KnownKind, object: object) => typedForm(kind, object, ownRelease.objectTypes);

const inContainer = (fields: object) =>
  typed('Pod', { spec: { containers: [{ name: 'a', ...fields }] } }).spec as { containers: object[] };

describe('typedForm', () => {
  test('drops unknown fields and empty optional ones, and fills in required ones', () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      bogus: 1,
      metadata: { name: 'x', labels: {}, creationTimestamp: null },
      spec: { hostNetwork: false, priority: 0, nodeSelector: null, containers: [{ name: 'a', bogus: 1 }] },
    };
    expect(typed('Pod', pod)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x' },
      spec: { priority: 0, containers: [{ name: 'a', resources: {} }] },
      status: {},
    });
    expect(typed('Pod', {})).toEqual({ metadata: {}, spec: { containers: null }, status: {} });
  });

  test('writes quantities in their canonical form, numbers too', () => {
    const resources = { requests: { cpu: 0.1, memory: '1024Mi' } };
    expect(inContainer({ resources }).containers[0]).toMatchObject({
      resources: { requests: { cpu: '100m', memory: '1Gi' } },
    });
  });

  test('takes ports of probes by number and by name', () => {
    for (const port of [80, 'http']) {
      expect(inContainer({ livenessProbe: { httpGet: { port } } }).containers[0]).toMatchObject({
        livenessProbe: { httpGet: { port } },
      });
    }
  });

  test('has the empty status of the other kinds', () => {
    expect(typed('Service', { spec: {} })).toMatchObject({ status: { loadBalancer: {} } });
    const daemonSet = typed('DaemonSet', { spec: { selector: {}, template: {} } });
    expect(daemonSet.status).toEqual({
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    });
  });

  test.each([
    [{ spec: { priority: 'x' } }, 'spec.priority: must be a whole number, not string'],
    [{ spec: { priority: 1.5 } }, 'spec.priority'],
    [
      { spec: { priority: 2 ** 31 } },
      'spec.priority: must be from -2147483648 to 2147483647, and is 2147483648',
    ],
    [{ spec: { containers: 'x' } }, 'spec.containers: must be a list'],
    [{ spec: { containers: [{ image: 1 }] } }, 'spec.containers[0].image: must be text, not number'],
    [{ spec: { hostNetwork: 'yes' } }, 'spec.hostNetwork: must be true or false'],
    [{ spec: { overhead: { cpu: 'x' } } }, 'spec.overhead.cpu: "x" is not a quantity'],
    [{ metadata: { labels: ['a'] } }, 'metadata.labels: must be an object, not list'],
    [{ metadata: { creationTimestamp: 'x' } }, 'metadata.creationTimestamp: must be a time'],
    [{ spec: 1 }, 'spec: must be an object'],
  ])('refuses %j', (object, message) => {
    expect(() => typed('Pod', object)).toThrow(TypedValueError);
    expect(() => typed('Pod', object)).toThrow(message);
  });

  test('keeps whole numbers of 64 bits exactly', () => {
    const kubelet = typed('KubeletConfiguration', { podPidsLimit: 9_223_372_036_854_775_807n });
    expect(kubelet.podPidsLimit).toBe(9_223_372_036_854_775_807n);
    expect(() => typed('KubeletConfiguration', { podPidsLimit: 2n ** 63n })).toThrow(
      'podPidsLimit: must be from -9223372036854775808 to 9223372036854775807',
    );
  });
});
