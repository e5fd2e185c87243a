/** Chooses the source of a command's configuration. */
import { type ConfigDocument, parseDocuments } from '../config/reading/documents.ts';
import { KubeadmError } from '../errors.ts';

/** At most one of these is set. Without one, the defaults apply. */
export interface ConfigRequest<Fields> {
  /** A file on the host: YAML or JSON documents of kubeadm's kinds and of the component configurations. */
  readonly configPath?: string;
  /** The text of such a file. */
  readonly configText?: string;
  /** Fields of v1beta4 over the defaults; components cannot be configured this way. */
  readonly fields?: Fields;
}

export interface ConfigSource<Fields> {
  readonly configPath?: string;
  readonly documents?: readonly ConfigDocument[];
  readonly overlay?: Fields;
}

/** Errors use this name instead of a file name. */
const textName = 'configText';

/** @throws KubeadmError code `usage` if more than one is set; `config-invalid` if a text is not YAML */
export function configSource<Fields>(request: ConfigRequest<Fields>): ConfigSource<Fields> {
  const { configPath, configText, fields } = request;
  const given = Object.entries({ configPath, configText, fields }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(' and ');
    throw new KubeadmError('usage', `${names} exclude each other: a configuration has one source`, {
      hint: 'put all values into one of them',
    });
  }
  if (configText !== undefined)
    return { configPath: textName, documents: parseDocuments(configText, textName) };
  if (configPath !== undefined) return { configPath };
  return fields === undefined ? {} : { overlay: fields };
}
