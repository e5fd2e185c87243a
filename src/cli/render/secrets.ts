import type { KubeadmEvent } from '../../events.ts';
import { redact } from '../../lib/redact.ts';

const hidden = '<secret>';

/**
 * Returns the event as it can leave the process. Three kinds of events have secrets as their results (see events.ts), and
 * this removes them. It also removes every text that looks like a secret from all other events.
 */
export function withoutSecrets(event: KubeadmEvent): KubeadmEvent {
  switch (event.type) {
    case 'certificate-key':
      return { ...event, key: hidden };
    case 'control-plane-initialized':
      return { ...event, text: redact(event.text) };
    case 'would-call':
      return masked({
        ...event,
        ...(event.object === undefined ? {} : { object: withoutSecretData(event.object) }),
        ...(event.patch === undefined || event.resource !== 'secrets' ? {} : { patch: hidden }),
      });
    default:
      return masked(event);
  }
}

/** Removes secrets from every string of the event. The event keeps its shape and its type. */
function masked<T extends KubeadmEvent>(event: T): T {
  return mapStrings(event, redact) as T;
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mapStrings(field, change)]));
}

/** Removes the values of `data` and `stringData` from a Secret in YAML. */
function withoutSecretData(text: string): string {
  if (!/^kind: Secret$/m.test(text)) return text;
  const lines = text.split('\n');
  let inside = false;
  return lines
    .flatMap((line) => {
      if (/^\S/.test(line)) {
        inside = /^(data|stringData):/.test(line);
        return [line];
      }
      if (!inside) return [line];
      const field = /^ {2}([^\s:][^:]*):/.exec(line)?.[1];
      return field === undefined ? [] : [`  ${field}: ${hidden}`];
    })
    .join('\n');
}
