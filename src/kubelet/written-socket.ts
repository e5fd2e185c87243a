import type { FileReads } from '../host.ts';
import { lastArgument } from '../lib/arguments.ts';
import { isRecord } from '../lib/is-record.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { defaultCriSocket, kubeletEnvFile, kubeletInstanceConfigFile } from '../names.ts';
import { readKubeletFlags } from './environment.ts';
import { writtenConfiguration } from './written-configuration.ts';

interface Reads {
  readonly files: FileReads;
}

const field = 'containerRuntimeEndpoint';

/** The socket of the container runtime that the kubelet of this node uses; undefined if no file of kubeadm names it. */
export async function writtenCriSocket(host: Reads): Promise<string | undefined> {
  const flags = readKubeletFlags(await textOf(host, kubeletEnvFile)) ?? [];
  const found = [
    lastArgument(flags, 'container-runtime-endpoint'),
    await fieldOf(host, kubeletInstanceConfigFile),
    (await writtenConfiguration(host))?.[field],
  ];
  return found.find((socket): socket is string => typeof socket === 'string' && socket !== '');
}

/** As `writtenCriSocket`. Defaults to the socket of containerd. */
export async function usedCriSocket(host: Reads): Promise<string> {
  return (await writtenCriSocket(host)) ?? defaultCriSocket;
}

async function fieldOf(host: Reads, path: string): Promise<unknown> {
  try {
    const value = parseYaml(await textOf(host, path));
    return isRecord(value) ? value[field] : undefined;
  } catch {
    return undefined;
  }
}

async function textOf({ files }: Reads, path: string): Promise<string> {
  return await files.readText(path).catch(() => '');
}
