import { type CheckedFile, type CheckOptions, checkDocuments } from '../config/check-file.ts';
import { warnTo } from '../config/findings/warnings.ts';
import { joinDocuments } from '../config/print.ts';
import { parseDocuments, readConfigFile } from '../config/reading/documents.ts';
import { KubeadmError } from '../errors.ts';
import type { ReadHost } from '../host.ts';
import { Secret } from '../lib/secret.ts';
import { configSource } from '../phases/config-source.ts';
import { beginReport, type RunContext } from '../phases/execute.ts';

/** The file to check. One of the two is set. */
export interface ConfigText {
  /** A file on the host. */
  readonly configPath?: string;
  /** The text of such a file. */
  readonly configText?: string;
}

export interface ValidateConfigRequest extends ConfigText {
  /** Accept deprecated versions of the kubeadm API without a warning. */
  readonly allowDeprecated?: boolean;
}

/**
 * `kubeadm config validate`: checks all documents of a configuration. Warnings are events.
 *
 * @throws KubeadmError `config-unreadable`, `config-unsupported`, `config-invalid` with all findings in `details.findings`,
 *   `usage` without a configuration
 */
export async function validateConfig(
  host: ReadHost,
  request: ValidateConfigRequest,
  context: RunContext = {},
): Promise<void> {
  const onWarning = warnTo(beginReport(host, context).emit);
  const { allowDeprecated = false } = request;
  await check(host, request, { criDetection: false, allowDeprecated, forRun: true, onWarning });
}

export interface MigrateConfigResult {
  /** The documents in the current version. It is a secret because it has a bootstrap token even if the input has none. */
  readonly text: Secret;
}

/**
 * `kubeadm config migrate`: writes the documents of a configuration in the current version of the API. A warning names each
 * component configuration, which the result does not contain.
 *
 * @throws KubeadmError as `validateConfig`
 */
export async function migrateConfig(
  host: ReadHost,
  request: ConfigText,
  context: RunContext = {},
): Promise<MigrateConfigResult> {
  const onWarning = warnTo(beginReport(host, context).emit);
  const options = { criDetection: true, allowDeprecated: true, onWarning };
  const { documents, leftOut } = await check(host, request, options);
  leftOut.forEach(onWarning);
  return { text: new Secret(joinDocuments(documents)) };
}

async function check(host: ReadHost, request: ConfigText, options: CheckOptions): Promise<CheckedFile> {
  const { configPath, documents } = configSource<never>(request);
  if (configPath === undefined) throw new KubeadmError('usage', 'the configuration to check is missing');
  return await checkDocuments(
    host,
    documents ?? parseDocuments(await readConfigFile(host.files, configPath), configPath),
    { ...options, file: configPath },
  );
}
