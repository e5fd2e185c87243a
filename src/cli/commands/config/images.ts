import { listImages } from '../../../commands/list-images.ts';
import { warnTo } from '../../../config/findings/warnings.ts';
import type { InitFamilyConfig } from '../../../config/hub.ts';
import { type InitOverlay, loadInitFamily } from '../../../config/load.ts';
import { KubeadmError } from '../../../errors.ts';
import { controlPlaneImages, requiredImages } from '../../../images.ts';
import { type ConfigRequest, configSource } from '../../../phases/config-source.ts';
import { pullImages } from '../../../preflight/pull-images.ts';
import { command, type Invocation } from '../../command.ts';
import { overlayOf } from '../../init-request.ts';
import { outputFlags, outputFormat } from '../../output-flags.ts';
import { printResult } from '../../render/structured.ts';

const source = ['config', 'feature-gates', 'image-repository', 'kubernetes-version'] as const;

const list = command({
  name: 'list',
  short: 'List the images that kubeadm uses, by flags or a configuration file',
  flags: [...source, ...outputFlags],
  run: async (invocation) => {
    const format = await outputFormat(invocation.flags, invocation.host);
    const names = await listImages(invocation.host, sourceOf(invocation), invocation);
    printResult(invocation.output, format, {
      text: names.map((name) => `${name}\n`).join(''),
      failure: 'unable to print images',
      objects: [{ kind: 'Images', apiVersion: 'output.kubeadm.k8s.io/v1alpha3', images: names }],
    });
  },
});

const pull = command({
  name: 'pull',
  short: 'Pull the images that kubeadm uses',
  flags: [...source, 'cri-socket'],
  run: async (invocation) => {
    const config = await load(invocation);
    const { errors } = await pullImages(
      invocation.host,
      {
        images: requiredImages(config),
        pauseImage: controlPlaneImages(config).pause,
        node: {
          criSocket: config.init.nodeRegistration.criSocket,
          imagePullPolicy: 'Always',
          imagePullSerial: true,
        },
      },
      {
        signal: invocation.signal,
        emit: (event) => {
          if (event.type === 'image-pulled')
            invocation.output.stdout(`[config/images] Pulled ${event.image}\n`);
          else if (event.type !== 'images-pulling') invocation.emit(event);
        },
      },
    );
    if (errors.length > 0) throw new KubeadmError('cri', errors.join('; '));
  },
});

/** With --config the other flags have no effect, but a malformed value is refused, as upstream. */
function sourceOf({ flags }: Invocation<'config'>): ConfigRequest<InitOverlay> {
  const configPath = flags.value('config');
  const fields = overlayOf(flags);
  return configPath === '' ? { fields } : { configPath };
}

async function load(invocation: Invocation<'config'>): Promise<InitFamilyConfig> {
  const options = { criDetection: true, onWarning: warnTo(invocation.emit) };
  return (await loadInitFamily(invocation.host, configSource(sourceOf(invocation)), options)).config;
}

export const images = command({
  name: 'images',
  short: 'The container images that kubeadm uses',
  commands: [list, pull],
});
