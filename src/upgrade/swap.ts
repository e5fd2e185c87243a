/** The terms of a swap: the replacement of manifests of static Pods, which is undone if a component does not come up. */
import type { ObserverHost } from '../diagnosis/observer.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import type { StaticPodName } from '../releases/release.ts';

/** The UIDs of the Pods that ran before their manifests were replaced, by component. Without a Pod, it is empty. */
export type Swapping = Readonly<Partial<Record<StaticPodName, string>>>;

/** Which Pod must keep running, and the signal that is aborted when the wanted Pod runs. */
export interface PodEnd {
  readonly isWanted: (uid: string) => boolean;
  readonly signal: AbortSignal;
}

export interface SwapOptions {
  readonly nodeName: string;
  readonly criSocket: string;
  /** The time limit for each component, in milliseconds: timeouts.upgradeManifests. */
  readonly timeoutMs: number;
  /** The folder of this try that gets the earlier manifests. */
  readonly backupDir: string;
  /** Waits until the component answers. Its container runs already. */
  readonly isHealthy: (component: StaticPodName, signal: AbortSignal) => Promise<unknown>;
  /** Helps the kubelet to end the Pods of a component that are not the wanted one. It runs beside the wait. */
  readonly endOtherPods?: (component: StaticPodName, options: PodEnd) => Promise<void>;
  /** Notes the components whose new manifest is not proved yet, so that a later try can put them back. */
  readonly onSwapping: (swapping: Swapping) => Promise<void>;
  readonly emit: Emit;
  /** When it is aborted, the components that are being replaced are completed or put back first. */
  readonly signal: AbortSignal;
}

export type SwapHost = ObserverHost & Pick<Host, 'files'>;

/** A component whose manifest was replaced. */
export interface Swapped {
  readonly component: StaticPodName;
  /** The earlier manifest; undefined if there was none. */
  readonly earlier: string | undefined;
  /** UID of the earlier Pod; empty if there was none. */
  readonly before: string;
  /** Whether there was an earlier manifest and its back-up is gone. Then the new manifest stays. */
  readonly isLost?: boolean;
}
