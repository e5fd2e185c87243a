/** Pulls the images of the control plane. Source: preflight/checks.go ImagePullCheck, util/runtime. */
import type { CriClient } from '../clients/cri/cri-client.ts';
import { isRefused } from '../clients/cri/pull-failure.ts';
import type { NodeRegistration } from '../config/hub.ts';
import { CriError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { RetryTimeout, retry } from '../lib/retry.ts';
import { type CheckResult, fail, passed } from './check.ts';
import { runtimeFailure } from './checks/cri.ts';

const tries = 5;
const firstPauseMs = 100;
/** A container runtime that somebody restarts answers again within this time. */
const restartMs = 10_000;

export interface PullRequest {
  readonly images: readonly string[];
  /** The image of Pod sandboxes that the kubelet expects. */
  readonly pauseImage: string;
  readonly node: Pick<NodeRegistration, 'criSocket' | 'imagePullPolicy' | 'imagePullSerial'>;
}

interface Context {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The result has the failures of all images, each with its image. It belongs to the check name `ImagePull`. */
export async function pullImages(
  { cri, clock }: Pick<Host, 'cri' | 'clock'>,
  { images, pauseImage, node }: PullRequest,
  context: Context,
): Promise<CheckResult> {
  const client = cri(node.criSocket);
  try {
    await client.version();
    if (node.imagePullPolicy === 'Never') return passed;
    if (node.imagePullPolicy !== 'Always' && node.imagePullPolicy !== 'IfNotPresent') {
      return fail(
        `unsupported pull policy "${node.imagePullPolicy}" in nodeRegistration.imagePullPolicy: use Always, ` +
          'IfNotPresent or Never',
      );
    }
    await compareSandboxImage(client, pauseImage, context);
    context.emit({ type: 'images-pulling', count: images.length });
    const always = node.imagePullPolicy === 'Always';
    const pull = (image: string) => pullImage({ client, clock, always }, image, context);
    const failures: (string | undefined)[] = [];
    if (node.imagePullSerial) for (const image of images) failures.push(await pull(image));
    else failures.push(...(await Promise.all(images.map(pull))));
    return fail(...failures.filter((failure) => failure !== undefined));
  } catch (error) {
    return runtimeFailure(node.criSocket, error);
  } finally {
    client.close();
  }
}

async function compareSandboxImage(client: CriClient, pauseImage: string, { emit }: Context): Promise<void> {
  try {
    const found = await client.sandboxImage();
    if (found === undefined || found === pauseImage) return;
    emit({
      type: 'warning',
      code: 'sandbox-image-differs',
      message:
        `the container runtime makes Pod sandboxes from the image ${found}, kubeadm expects ${pauseImage}: please ` +
        "set that image in the runtime's configuration",
    });
  } catch (error) {
    emit({ type: 'detail', verbosity: 4, message: `the sandbox image is not known: ${messageOf(error)}` });
  }
}

interface Puller extends Pick<Host, 'clock'> {
  readonly client: CriClient;
  /** Whether images that exist are pulled too. */
  readonly always: boolean;
}

/** Undefined if the image exists. */
async function pullImage(
  { client, clock, always }: Puller,
  image: string,
  { emit, signal }: Context,
): Promise<string | undefined> {
  const start = clock.monotonic();
  const done = (present: boolean) =>
    emit({ type: 'image-pulled', image, milliseconds: Math.round(clock.monotonic() - start), present });
  const isThere = async (): Promise<boolean> =>
    !always && (await hasImage({ client, clock }, image, { emit, signal }));
  if (await isThere()) {
    done(true);
    return undefined;
  }
  emit({ type: 'image-pulling', image });
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return `the pull of image ${image} was broken off`;
    try {
      await client.pullImage(image, { signal });
      done(false);
      return undefined;
    } catch (error) {
      if (attempt === tries || cannotHeal(error)) {
        const count = attempt === 1 ? '' : ` (${attempt} tries)`;
        emit({ type: 'image-failed', image, message: messageOf(error) });
        return `failed to pull image ${image}${count}: ${messageOf(error)}`;
      }
      await clock.sleep(firstPauseMs * 2 ** (attempt - 1), signal);
      if (isSilent(error) && (await isThere())) {
        done(true);
        return undefined;
      }
    }
  }
}

/**
 * Waits for a runtime that does not answer, because a pull of an image that is there fails without a registry. If the runtime
 * refuses the question, the image counts as missing.
 *
 * @throws CriError if the runtime stays silent
 */
async function hasImage(
  { client, clock }: Omit<Puller, 'always'>,
  image: string,
  { emit, signal }: Context,
): Promise<boolean> {
  const waiting = { clock, signal, timeoutMs: restartMs, what: 'the container runtime' };
  try {
    return await retry(() => client.hasImage(image), { ...waiting, giveUp: (error) => !isSilent(error) });
  } catch (error) {
    if (error instanceof RetryTimeout) throw error.cause;
    emit({
      type: 'warning',
      code: 'image-presence-unknown',
      message: `it is not known whether image ${image} is there: ${messageOf(error)}`,
    });
    return false;
  }
}

function isSilent(error: unknown): boolean {
  return error instanceof CriError && error.grpcCode === 'unavailable';
}

/** Whether another try cannot succeed, because the pull was refused or the runtime pulls no images. */
function cannotHeal(error: unknown): boolean {
  return isRefused(error) || (error instanceof CriError && error.grpcCode === 'unimplemented');
}
