/** Runs init on a real node that has a fault, and measures how long it waits. */
import type { KubeadmConfigOptions, Lab, LabNode } from '../../lab/index.ts';
import { execKubeadm } from './events.ts';
import { configFile, writeConfig } from './node.ts';

const waitBegins = 'Waiting for the kubelet to start the control plane';

export type Fields = Omit<KubeadmConfigOptions, 'addresses' | 'kubernetes'>;

/** A fault: what differs from the lab's own configuration, and what happens in the node before init. */
export interface Preparation {
  readonly fields?: Fields;
  /** Fields of nodeRegistration, in addition to the lab's own. */
  readonly kubeletExtraArgs?: readonly { readonly name: string; readonly value: string }[];
  /** Patches for the static Pods, by file name. */
  readonly patches?: Readonly<Record<string, string>>;
  /** A shell script that runs in the node before init. */
  readonly prepare?: string;
  readonly ignore?: readonly string[];
}

export const argument = (name: string, value: string): readonly object[] => [{ name, value }];

/** A patch with an image that does not exist. */
export function missingImage(component: string): string {
  return `spec:\n  containers:\n  - name: ${component}\n    image: registry.k8s.io/${component}:v9.9.9\n`;
}

/** A script that replaces a program by a shell script. */
export function replaceProgram(path: string, ...lines: readonly string[]): string {
  return `cat > /root/program <<'END'\n#!/bin/sh\n${lines.join('\n')}\nEND\nchmod 755 /root/program\ncp --remove-destination /root/program ${path}`;
}

export async function prepare(lab: Lab, node: LabNode, made: Preparation): Promise<void> {
  const { addresses } = node;
  const init = {
    localAPIEndpoint: { advertiseAddress: addresses.ipv4 },
    nodeRegistration: {
      imagePullPolicy: lab.adaptations.imagePullPolicy,
      ignorePreflightErrors: [...lab.adaptations.ignorePreflightErrors, ...(made.ignore ?? [])],
      kubeletExtraArgs: [{ name: 'node-ip', value: addresses.ipv4 }, ...(made.kubeletExtraArgs ?? [])],
    },
    ...(made.patches === undefined ? {} : { patches: { directory: '/root/patches' } }),
    ...made.fields?.init,
  };
  await writeConfig(lab, node, { ...made.fields, init });
  for (const [name, text] of Object.entries(made.patches ?? {})) {
    await node.writeFile(`/root/patches/${name}`, text);
  }
  if (made.prepare !== undefined) await node.mustExec(['sh', '-ec', made.prepare]);
}

export interface Timed {
  readonly code: number;
  /** Both streams, one after the other. */
  readonly output: string;
  /** Time from the event that begins the wait to the last event. Not a number if there was no wait. */
  readonly seconds: number;
  /** Time of the whole run. */
  readonly wholeSeconds: number;
}

/** Runs init and checks its events, which show how long it waited. */
export async function timedInit(node: LabNode): Promise<Timed> {
  const { code, events, stderr, stdout } = await execKubeadm(node, ['init', '--config', configFile], {
    timeoutMs: 400_000,
  });
  const begin = events.find(({ event }) => event.type === 'progress' && event.message.startsWith(waitBegins));
  const end = events.at(-1)?.at ?? Number.NaN;
  const milliseconds = end - (begin?.at ?? Number.NaN);
  return { code, output: stdout + stderr, seconds: milliseconds / 1000, wholeSeconds: end / 1000 };
}

/** The error that a run prints, without what it printed before. */
export function errorIn(output: string): string {
  return output.slice(output.indexOf('error execution phase'));
}
