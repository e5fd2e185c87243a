/** Runs `kubeadm doctor` in a node and reads its report. */
import type { LabNode } from '../../lab/index.ts';

export interface DoctorReport {
  readonly healthy: boolean;
  readonly role: string;
  readonly problems: readonly {
    readonly name: string;
    readonly component: string;
    readonly summary: string;
    readonly since?: string;
    readonly commands?: readonly string[];
  }[];
  readonly unknown: readonly string[];
}

export interface DoctorRun {
  readonly report: DoctorReport;
  /** 0 exactly if the report has no problem. */
  readonly code: number;
  readonly seconds: number;
  readonly stdout: string;
}

/** @throws Error if the output is not a report, or the exit code does not fit it */
export async function runDoctor(node: LabNode): Promise<DoctorRun> {
  const started = performance.now();
  const { code, stderr, stdout } = await node.exec(['kubeadm', 'doctor', '-o', 'json'], {
    timeoutMs: 60_000,
  });
  const seconds = (performance.now() - started) / 1000;
  if (!stdout.startsWith('{')) throw new Error(`exit code ${code}\n${stdout}${stderr}`);
  const report: DoctorReport = JSON.parse(stdout);
  if (code !== (report.healthy ? 0 : 1)) throw new Error(`exit code ${code}\n${stdout}`);
  return { report, code, seconds, stdout };
}
