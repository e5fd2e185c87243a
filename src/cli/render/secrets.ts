import type { KubeadmEvent } from '../../events.ts';

const hidden = '<secret>';

/**
 * The event as it may leave the process: the three results that hold secrets (see events.ts) are named, and
 * whatever looks like a bootstrap token or a private key is taken out of every other text as well.
 */
export function withoutSecrets(event: KubeadmEvent): KubeadmEvent {
  switch (event.type) {
    case 'certificate-key':
      return { ...event, key: hidden };
    case 'control-plane-initialized':
      return { ...event, text: withoutSecretText(event.text) };
    case 'would-call':
      return event.object === undefined
        ? masked(event)
        : masked({ ...event, object: withoutSecretData(event.object) });
    default:
      return masked(event);
  }
}

/** Every string of the event; its shape stays, so it is still the same type. */
function masked<T extends KubeadmEvent>(event: T): T {
  return mapStrings(event, withoutSecretText) as T;
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mapStrings(field, change)]));
}

const token = /(?<![\w.-])([a-z0-9]{6})\.[a-z0-9]{16}(?![\w.-])/g;
const certificateKey = /(--certificate-key[ =])\S+/g;
const privateKey = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
/** `client-key-data: LS0t…` of kubeconfigs, in YAML or JSON. */
const keyData = /((?:client-key-data|token)["']?:\s*["']?)[\w+/=.-]{8,}/g;

/** The id of a token stays, its secret goes. */
export function withoutSecretText(text: string): string {
  return text
    .replace(token, `$1.${hidden}`)
    .replace(certificateKey, `$1${hidden}`)
    .replace(privateKey, hidden)
    .replace(keyData, `$1${hidden}`);
}

/** A Secret object as YAML: the values of `data` and `stringData` go. */
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
