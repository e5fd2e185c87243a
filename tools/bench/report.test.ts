import { describe, expect, test } from 'vitest';

import { jsonLines } from '../../src/cli/render/json.ts';
import { type Measured, parseMeasured } from './measure.ts';
import {
  beginning,
  controlPlaneStretches,
  initStretches,
  ourPhases,
  upstreamPhases,
  workerStretches,
} from './phases.ts';
import { figureTable, middleRun, phaseTable } from './report.ts';
import { bareWaitText } from './report-init.ts';
import { wholeInit } from './series.ts';

function run(seconds: number, lines: readonly (readonly [number, string])[]): Measured {
  return {
    seconds,
    from: 0,
    to: 0,
    cpuSeconds: 1,
    peakMiB: 1,
    lines: lines.map(([at, text]) => ({ at, text })),
  };
}

const upstreamLines: readonly (readonly [number, string])[] = [
  [0.1, '[init] Using Kubernetes version: v1.36.2'],
  [0.1, '[preflight] Running pre-flight checks'],
  [0.3, '[certs] Using certificateDir folder "/etc/kubernetes/pki"'],
  [1, '[kubeconfig] Using kubeconfig folder "/etc/kubernetes"'],
  [1.2, '[etcd] Creating static Pod manifest for local etcd in "/etc/kubernetes/manifests"'],
  [1.25, 'I1124 17:33:44.829371     174 kubelet.go:69] Stopping the kubelet'],
  [1.3, '[kubelet-start] Starting the kubelet'],
  [1.5, 'I1124 17:33:44.987362     174 kubeconfig.go:667] ensuring that the ClusterRoleBinding for'],
  [5, '[wait-control-plane] Waiting for the kubelet to boot up the control plane'],
  [6, '[upload-config] Storing the configuration used in ConfigMap "kubeadm-config"'],
  [6.5, '[bootstrap-token] Using token: abcdef.<secret>'],
  [7, '[kubelet-finalize] Updating "/etc/kubernetes/kubelet.conf"'],
  [7.9, 'Your Kubernetes control-plane has initialized successfully!'],
];

describe('parseMeasured', () => {
  test('reads lines with their times, also with tabs in them, and the last line', () => {
    const measured = parseMeasured('0.0100\tone\n0.0200\ta\tb\n=3 0.5 0.25 2048 4096\n');
    expect(measured).toEqual({
      code: 3,
      seconds: 0.5,
      cpuSeconds: 0.25,
      peakMiB: 2,
      lines: [
        { at: 0.01, text: 'one' },
        { at: 0.02, text: 'a\tb' },
      ],
    });
  });

  test('the peak memory of a short process is the maximum of the kernel', () => {
    expect(parseMeasured('=0 0.01 0.01 0 4096\n').peakMiB).toBe(4);
  });

  test('refuses output without a last line', () => {
    expect(() => parseMeasured('0.0100\tone\n')).toThrow('no measurement');
  });
});

describe('phases', () => {
  test('the phases of this kubeadm come from its timeline, with sub-phases as one', () => {
    const phase = (name: string, start: number, milliseconds: number) =>
      ({ phase: name, start, milliseconds, outcome: 'finished', overlaps: [] }) as const;
    const phases = [
      phase('preflight', 50, 200),
      phase('record-run', 250, 1),
      phase('certs/ca', 250, 100),
      phase('certs/sa', 700, 50),
      phase('kubelet-finalize/enable-client-cert-rotation', 2600, 200),
      phase('addon/coredns', 1000, 500),
    ];
    let events = '';
    const write = jsonLines((line) => {
      events += line;
    }, new Date(0));
    const timeline = { type: 'timeline', command: 'init', milliseconds: 2900, phases, waits: [] } as const;
    for (const event of [timeline, { type: 'run-finished', milliseconds: 2900 } as const])
      write({ at: 2900, event, phase: undefined });
    const { seconds, stretches: found } = ourPhases(events, { seconds: 3 }, initStretches);
    expect(seconds).toBe(3);
    expect(found.preflight?.from).toBeCloseTo(0.15);
    expect(found[beginning]?.to).toBeCloseTo(0.15);
    expect(found.certs?.from).toBeCloseTo(0.35);
    expect(found.certs?.to).toBeCloseTo(0.85);
    expect(found['kubelet-finalize, addon']?.from).toBeCloseTo(1.1);
    expect(found['kubelet-finalize, addon']?.to).toBeCloseTo(2.9);
    expect(() => ourPhases('', { seconds: 3 }, initStretches)).toThrow('no timeline');
  });

  test("cuts upstream's at first lines, with nothing lost or counted twice", () => {
    const { stretches: found } = upstreamPhases(run(8, upstreamLines), initStretches);
    expect(found.certs).toEqual({ from: 0.3, to: 1 });
    expect(found['wait-control-plane']).toEqual({ from: 1.5, to: 6 });
    const ends = [beginning, ...initStretches.map(({ name }) => name)].map((name) => found[name]);
    expect(ends[0]?.from).toBe(0);
    expect(ends.at(-1)?.to).toBe(8);
    for (const [index, interval] of ends.entries()) {
      if (index > 0) expect(interval?.from).toBe(ends[index - 1]?.to);
    }
  });

  test.each([
    ['a worker', workerStretches, ['preflight', 'kubelet-start', 'kubelet-check']],
    [
      'a control plane',
      controlPlaneStretches,
      [
        ...['preflight', 'certs', 'check-etcd', 'kubelet-start', 'etcd', 'kubelet-check'],
        ...['mark-control-plane', 'control-plane-check'],
      ],
    ],
  ])("cuts upstream's join of %s", (_, stretches, topics) => {
    const lines = topics.map((topic, index) => [index + 1, `[${topic}] Running pre-flight checks`] as const);
    const { stretches: found } = upstreamPhases(run(20, lines), stretches);
    expect(Object.values(found).map(({ from }) => from)).toEqual([0, ...lines.map(([at]) => at)]);
  });

  test('refuses output whose wording it does not know', () => {
    const changed = upstreamLines.filter(([, text]) => !text.startsWith('[kubeconfig]'));
    expect(() => upstreamPhases(run(8, changed), initStretches)).toThrow('no line');
  });
});

describe('tables', () => {
  test('show medians, spans and the ratio', () => {
    const series = { ours: [1, 3, 2], upstream: [4, 4, 5] };
    const text = figureTable([{ name: 'init', unit: 's', series }]);
    const row = text.split('\n').at(-1)?.replaceAll(/ +/g, ' ');
    expect(row).toBe('| init | 3 | 2.00 s (1.00 s to 3.00 s) | 4.00 s (4.00 s to 5.00 s) | 0.50 |');
  });

  test('end the phases with the whole run', () => {
    const whole = upstreamPhases(run(8, upstreamLines), initStretches);
    const lines = phaseTable('init', initStretches, { ours: [whole], upstream: [whole] }).split('\n');
    expect(lines).toHaveLength(initStretches.length + 4);
    expect(lines.at(-1)?.replaceAll(/ +/g, ' ')).toBe('| whole | 0.00 | 8.00 | 0.00 | 8.00 |');
  });

  test('show the run in the middle, and how the bare wait stands to the whole', () => {
    const runs = [9, 7, 8].map((seconds) => ({
      ...upstreamPhases(run(8, upstreamLines), initStretches),
      seconds,
    }));
    expect(middleRun(runs).seconds).toBe(8);
    const figures = [{ name: wholeInit, unit: 's' as const, series: { ours: [5], upstream: [7] } }];
    expect(bareWaitText({ bareWaits: [4], figures })).toContain(
      "takes 1.25 times that, upstream's 1.75 times",
    );
  });
});
