/** The kubelet and the container runtime must use the same cgroup driver. */
import type { ComponentFacts, Facts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import type { Remedy } from '../remedy.ts';
import { wasKilled } from './ended-component.ts';
import { isCommon, isRepeated, nothingStarted } from './sandbox-failed.ts';

/** runc expects the path of systemd, and the kubelet gives the path of cgroupfs. A kubelet without cgroups of Pods gives another one. */
const refusedPath = /expected cgroupsPath to be of format .*slice:prefix:name.* got \\*"\/\S*kubepods\//;
/** The kubelet starts a component again once in healthy clusters, too. */
const manyExits = 2;

export const cgroupDriversDiffer: Rule = {
  name: 'cgroup-drivers-differ',
  title: 'The kubelet and the container runtime use different cgroup drivers',
  proof:
    'The runtime refuses the cgroup of a Pod, because it expects one of systemd and gets one of cgroupfs, and the control plane has no sandbox. Or the kubelet is configured for systemd, the runtime is configured for cgroupfs and does not report its driver to the kubelet, and components are killed. The runtime reports no error then.',
  cure: 'Set `cgroupDriver: systemd` of the kubelet and `SystemdCgroup = true` of containerd, and restart both.',
  find: (facts) => refused(facts) ?? killed(facts) ?? [],
};

/** Whether the drivers can explain what the look sees. */
export function asksForCgroups({
  components = [],
  sandboxes,
}: Pick<Facts, 'sandboxes'> & { readonly components?: readonly ComponentFacts[] | undefined }): boolean {
  return sandboxes.some(({ message }) => message.includes('cgroupsPath')) || components.some(wasKilled);
}

function refused(facts: Facts): readonly Finding[] | undefined {
  const { cgroups, elapsedMs, sandboxes } = facts;
  const own = sandboxes.filter(({ message }) => refusedPath.test(message));
  const last = own.at(-1);
  // The runtime was configured anew since then.
  if (last === undefined || cgroups?.runtime === 'cgroupfs') return undefined;
  const lasts = isRepeated(own) || isCommon(own, elapsedMs);
  const remedy: Remedy =
    cgroups?.isTaken === true
      ? {
          kind: 'steps',
          text: 'Restart the kubelet, which takes the cgroup driver of the runtime only when it starts',
          commands: ['systemctl restart kubelet'],
        }
      : { kind: 'kubelet-configuration', field: 'cgroupDriver' };
  return [
    {
      code: 'sandbox-failed',
      component: 'static Pods',
      certainty: nothingStarted(facts) && lasts ? 'certain' : 'likely',
      summary:
        'no Pod can start: the kubelet uses the cgroup driver cgroupfs, and the container runtime uses systemd',
      evidence: [last.message],
      remedy,
    },
  ];
}

function killed({ cgroups, components = [] }: Facts): readonly Finding[] | undefined {
  if (cgroups === undefined || cgroups.isTaken) return undefined;
  if (cgroups.kubelet !== 'systemd' || cgroups.runtime !== 'cgroupfs') return undefined;
  const found = components.filter((one) => one.exits >= manyExits && wasKilled(one));
  if (found.length === 0) return undefined;
  const names = found.map(({ name }) => name).join(', ');
  return [
    {
      code: 'container-failed',
      component: 'container runtime',
      certainty: 'likely',
      summary: `the kubelet uses the cgroup driver systemd, and the container runtime uses cgroupfs, so the kubelet does not find the cgroups of containers, and containers are killed (${names})`,
      evidence: [],
      remedy: {
        kind: 'steps',
        text: 'Set `SystemdCgroup = true` in the options of runc in /etc/containerd/config.toml, and restart containerd and the kubelet',
        commands: ['systemctl restart containerd kubelet'],
      },
    },
  ];
}
