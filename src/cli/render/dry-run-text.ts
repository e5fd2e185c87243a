import type { DryRunEvent } from '../../events/dry-run.ts';
import type { KubeadmEvent } from '../../events.ts';

/**
 * The line of a write that a dry run would do, without a final newline. It is undefined for other events, and for a file
 * of the dry-run directory whose content is not shown.
 */
export function dryRunText(event: KubeadmEvent): string | undefined {
  const text = wouldText(event);
  return text === undefined ? undefined : `[dryrun] ${text}`;
}

function wouldText(event: KubeadmEvent): string | undefined {
  switch (event.type) {
    case 'would-write':
      return writeText(event);
    case 'would-make-directory':
      return `Would ensure that "${event.path}" directory is present`;
    case 'would-remove':
      return event.what === 'contents'
        ? `Would delete contents of the directory "${event.path}"`
        : `Would delete "${event.path}"`;
    case 'would-change-mode':
      return `Would change the mode of "${event.path}" to ${event.mode.toString(8).padStart(4, '0')}`;
    case 'would-change-owner':
      return `Would change the owner of "${event.path}"${event.below ? ' and of all below it' : ''} to ${event.uid}:${event.gid}`;
    case 'would-move':
      return `Would move "${event.from}" to "${event.to}"`;
    case 'would-copy':
      return `Would copy "${event.from}" to "${event.to}"`;
    case 'would-run':
      return runText(event);
    case 'would-start-service':
      return `Would start the ${event.service} service`;
    case 'would-restart-service':
      return `Would restart the ${event.service} service`;
    case 'would-stop-service':
      return `Would stop the ${event.service} service`;
    case 'would-read-unit':
      return `Would read the unit of the ${event.service} service again`;
    case 'would-unmount':
      return `Would unmount "${event.path}"`;
    case 'would-pull-image':
      return `Would pull the image ${event.image}`;
    case 'would-stop-pod':
      return `Would stop the Pod sandbox ${sandboxText(event)}`;
    case 'would-remove-pod':
      return `Would remove the Pod sandbox ${sandboxText(event)}`;
    case 'would-add-member':
      return `Would add the etcd member with the peer URL ${event.peerURL} as a learner`;
    case 'would-promote-member':
      return `Would promote the etcd member ${event.id}`;
    case 'would-remove-member':
      return `Would remove the etcd member ${event.id} from the etcd cluster`;
    case 'would-call':
      return callText(event);
    default:
      return undefined;
  }
}

type Of<Type extends DryRunEvent['type']> = Extract<DryRunEvent, { type: Type }>;

function writeText({ content, copy, path }: Of<'would-write'>): string | undefined {
  if (content !== undefined)
    return `Would write file "${path}" with content:\n${withoutFinalNewline(content)}`;
  return copy === undefined ? `Would write file "${path}"` : undefined;
}

function runText({ command, input }: Of<'would-run'>): string {
  const line = `Would run: ${command.join(' ')}`;
  return input === undefined ? line : `${line}\nwith the input:\n${withoutFinalNewline(input)}`;
}

/** `kube-system/kube-proxy-x7k2p (0123456789abc)` */
function sandboxText({ id, name, namespace }: Of<'would-stop-pod' | 'would-remove-pod'>): string {
  return name === undefined ? id : `${namespace}/${name} (${id.slice(0, 13)})`;
}

/** The words of upstream. */
function callText({ api, name, namespace, object, patch, resource, verb }: Of<'would-call'>): string {
  const lines = [
    `Would perform action ${verb} on resource "${resource}" in API group "${api}"`,
    ...(name === undefined ? [] : [`Resource name "${name}", namespace "${namespace ?? ''}"`]),
    ...(patch === undefined ? [] : [`Attached patch: ${patch}`]),
    ...(object === undefined ? [] : [`Attached object:\n${withoutFinalNewline(object)}`]),
  ];
  return lines.join('\n[dryrun] ');
}

function withoutFinalNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
