import { describe, expect, it } from 'vitest';

import { type Measured, parseMeasured } from './measure.ts';
import { ourPhases, stretches, upstreamPhases } from './phases.ts';
import { figureTable, phaseTable } from './report.ts';

function run(seconds: number, lines: readonly (readonly [number, string])[]): Measured {
  return { seconds, cpuSeconds: 1, peakMiB: 1, lines: lines.map(([at, text]) => ({ at, text })) };
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
  it('reads lines with their times, also with tabs in them, and the last line', () => {
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

  it("takes the kernel's maximum where the process was too short to be read", () => {
    expect(parseMeasured('=0 0.01 0.01 0 4096\n').peakMiB).toBe(4);
  });

  it('refuses output without a last line', () => {
    expect(() => parseMeasured('0.0100\tone\n')).toThrow('no measurement');
  });
});

describe('phases', () => {
  it('sums ours by phase, and leaves to the rest what none claims', () => {
    const phases = ourPhases(
      run(3, [
        [0.25, '[init] Using Kubernetes version: v1.36.2'],
        [1, 'detail: phase preflight took 0.5s'],
        [1, 'detail: phase certs/ca took 0.125s'],
        [1, 'detail: phase certs/apiserver took 0.125s'],
        [2, 'detail: phase addon/coredns took 1s'],
      ]),
    );
    expect(phases).toMatchObject({ preflight: 0.5, certs: 0.25, 'kubelet-finalize, addon': 1 });
    expect(phases['start and configuration']).toBe(0.25);
    expect(phases['the rest']).toBe(1);
  });

  it("cuts upstream's at first lines, with nothing lost or counted twice", () => {
    const phases = upstreamPhases(run(8, upstreamLines));
    expect(phases.certs).toBeCloseTo(0.7);
    expect(phases['kubelet-start']).toBeCloseTo(0.25);
    expect(phases['wait-control-plane']).toBeCloseTo(4.5);
    expect(stretches.reduce((sum, name) => sum + phases[name], 0)).toBeCloseTo(8);
  });

  it('refuses output whose wording it does not know', () => {
    const changed = upstreamLines.filter(([, text]) => !text.startsWith('[kubeconfig]'));
    expect(() => upstreamPhases(run(8, changed))).toThrow('no line');
  });
});

describe('tables', () => {
  it('show medians, spans and the ratio', () => {
    const series = { ours: [1, 3, 2], upstream: [4, 4, 5] };
    const text = figureTable([{ name: 'init', unit: 's', series }]);
    const row = text.split('\n').at(-1)?.replaceAll(/ +/g, ' ');
    expect(row).toBe('| init | 3 | 2.00 s (1.00 s to 3.00 s) | 4.00 s (4.00 s to 5.00 s) | 0.50 |');
  });

  it('end the phases with the whole run', () => {
    const whole = upstreamPhases(run(8, upstreamLines));
    const lines = phaseTable({ ours: [whole], upstream: [whole] }).split('\n');
    expect(lines).toHaveLength(stretches.length + 3);
    expect(lines.at(-1)?.replaceAll(/ +/g, ' ')).toBe('| whole | 8.00 | 8.00 |');
  });
});
