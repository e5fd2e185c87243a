/**
 * A dry run: a host over another one. Files go flat into one directory, where reads look first; programs,
 * services and mounts are left alone; the API is read through, and what would be written is said and kept.
 * Nothing else on the machine or in the cluster changes. Source: cmd/kubeadm/app/util/apiclient/dryrun.go,
 * cmd/init.go.
 */
import path from 'node:path';

import type { Emit } from '../../events.ts';
import type { FileReads, FileWrites, Host } from '../../host.ts';
import { joinPath } from '../../lib/join-path.ts';
import {
  kubeconfigFiles,
  kubeletConfigFile,
  kubeletEnvFile,
  kubeletInstanceConfigFile,
  manifestsDir,
} from '../../names.ts';
import { dryRunKube } from './kube.ts';

export interface DryRunOptions {
  /** Where everything is written: it exists. */
  readonly directory: string;
  readonly certificatesDir: string;
  readonly kubeconfigDir: string;
  readonly emit: Emit;
}

const kubeletFiles = [kubeletConfigFile, kubeletInstanceConfigFile, kubeletEnvFile];

export function createDryRunHost(host: Host, options: DryRunOptions): Host {
  const { emit } = options;
  const note = (message: string): void =>
    emit({ type: 'detail', verbosity: 1, topic: 'dryrun', message: `Would ${message}` });
  return {
    ...host,
    dryRunDirectory: options.directory,
    files: dryRunFiles(host.files, pathMap(options), note),
    exec: {
      ...host.exec,
      run: async (program, args) => {
        note(`run ${[program, ...args].join(' ')}`);
        return { code: 0, stdout: '', stderr: '' };
      },
    },
    services: {
      ...host.services,
      start: async (service) => note(`start the service ${service}`),
      readUnit: async () => undefined,
      restart: async (service) => note(`restart the service ${service}`),
      stop: async (service) => note(`stop the service ${service}`),
    },
    mounts: { unmount: async (target) => note(`unmount ${target}`) },
    kube: dryRunKube(host.kube, emit),
    cri: (endpoint) => {
      const client = host.cri(endpoint);
      return {
        ...client,
        pullImage: async (image) => note(`pull the image ${image}`),
        stopPodSandbox: async (id) => note(`stop the Pod sandbox ${id}`),
        removePodSandbox: async (id) => note(`remove the Pod sandbox ${id}`),
      };
    },
    etcd: (endpoints, tls) => {
      const client = host.etcd(endpoints, tls);
      return {
        ...client,
        memberAddAsLearner: async (peerURL) => {
          note(`add the etcd member with the peer URL ${peerURL} as a learner`);
          return { id: '0', name: '', peerURLs: [peerURL], clientURLs: [], isLearner: true };
        },
        memberPromote: async (id) => note(`promote the etcd member ${id}`),
        memberRemove: async (id) => {
          note(`remove the etcd member ${id}`);
          return (await client.memberList()).filter((member) => member.id !== id);
        },
      };
    },
  };
}

/** Where a file of the run lies instead; undefined for files that a dry run does not write. */
function pathMap({
  directory,
  certificatesDir,
  kubeconfigDir,
}: DryRunOptions): (file: string) => string | undefined {
  const below = (file: string, folder: string): string | undefined => {
    if (file === folder) return directory;
    return file.startsWith(`${folder}/`) ? path.join(directory, file.slice(folder.length)) : undefined;
  };
  return (file) => {
    if (file === directory || file.startsWith(`${directory}/`)) return file;
    const isKubeconfig =
      path.dirname(file) === kubeconfigDir && kubeconfigFiles.includes(path.basename(file));
    if (isKubeconfig || kubeletFiles.includes(file)) return path.join(directory, path.basename(file));
    return below(file, joinPath(certificatesDir)) ?? below(file, manifestsDir);
  };
}

function dryRunFiles(
  real: FileReads & FileWrites,
  map: (file: string) => string | undefined,
  note: (message: string) => void,
): FileReads & FileWrites {
  /** The file that the dry run made, where there is one; else the real one. */
  const found = async (file: string): Promise<string> => {
    const mapped = map(file);
    return mapped !== undefined && (await real.lstat(mapped)) !== undefined ? mapped : file;
  };
  const change = async (
    file: string,
    what: string,
    work: (mapped: string) => Promise<void>,
  ): Promise<void> => {
    const mapped = map(file);
    if (mapped === undefined) note(`${what} ${file}`);
    else await work(mapped);
  };
  return {
    read: async (file, options) => await real.read(await found(file), options),
    readText: async (file) => await real.readText(await found(file)),
    stat: async (file) => await real.stat(await found(file)),
    lstat: async (file) => await real.lstat(await found(file)),
    list: async (file) => await real.list(await found(file)),
    realpath: async (file) => await real.realpath(await found(file)),
    freeSpace: async (file) => await real.freeSpace(file),
    write: async (file, data, options) =>
      await change(file, 'write', async (mapped) => await real.write(mapped, data, options)),
    writeAll: async (contents) => {
      const mapped = contents.flatMap((content) => {
        const to = map(content.path);
        if (to === undefined) note(`write ${content.path}`);
        return to === undefined ? [] : [{ ...content, path: to }];
      });
      await real.writeAll(mapped);
    },
    makeDirectory: async (file, mode) =>
      await change(file, 'make the directory', async (mapped) => await real.makeDirectory(mapped, mode)),
    makeTemporaryDirectory: async (prefix) => {
      note(`make a directory ${prefix}…`);
      return prefix;
    },
    remove: async (file) => await change(file, 'remove', real.remove),
    removeContents: async (file) => note(`empty ${file}`),
    removeTree: async (file) => note(`remove ${file}`),
    chmod: async (file, mode) =>
      await change(file, 'change the mode of', async (mapped) => {
        if ((await found(file)) === mapped) await real.chmod(mapped, mode);
        else note(`change the mode of ${file}`);
      }),
    chown: async (file) => note(`change the owner of ${file}`),
    chownTree: async (file) => note(`change the owner of ${file} and of all below`),
    move: async (from, to) => note(`move ${from} to ${to}`),
    copyTree: async (from, to) => note(`copy ${from} to ${to}`),
    withLock: async (_file, work) => await work(),
  };
}
