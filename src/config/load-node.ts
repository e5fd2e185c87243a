/** Loads JoinConfiguration, ResetConfiguration and UpgradeConfiguration. Source: app/util/config. */
import type { ReadHost } from '../host.ts';
import { parseGoUrl } from '../lib/go/url.ts';
import { documentReader, type Loaded, type LoadOptions, readDocuments, single } from './document-reader.ts';
import { fillEndpoint, fillRegistration, fillSocket } from './dynamic.ts';
import type { JoinConfiguration, ResetConfiguration } from './hub.ts';
import type { ConfigDocument } from './reading/documents.ts';
import { collector, located, locateIn, report, type Warn } from './report.ts';
import { defaultJoin, defaultReset, type RawJoin, type RawReset } from './v1beta4/defaults.ts';
import { kinds as v1beta4 } from './v1beta4/shapes.ts';
import {
  defaultUpgrade,
  type RawUpgrade,
  type UpgradeConfiguration,
  validateUpgrade,
} from './v1beta4/upgrade.ts';
import { validateJoin, validateReset } from './validation/index.ts';

/** The source of a configuration: a file, documents that were read before, or only flags. */
interface Source<Raw> {
  readonly configPath?: string;
  readonly documents?: readonly ConfigDocument[];
  /** The fields that flags set. They override the defaults, and apply only without a file. */
  readonly overlay?: Raw;
}

/**
 * @param source.override fields that also override those of a file; they are checked as well
 * @throws the errors of `loadInitFamily`
 */
export async function loadReset(
  host: ReadHost,
  source: Source<RawReset> & { readonly override?: RawReset },
  options: LoadOptions,
): Promise<Loaded<ResetConfiguration>> {
  const documents = source.documents ?? (await readDocuments(host, source.configPath));
  const { warnings, warn } = collector(options.onWarning);
  const document = single('ResetConfiguration', documents, { path: source.configPath, warn });
  const reader = documentReader(options, warn);
  const raw = document === undefined ? (source.overlay ?? {}) : reader.reset(document);
  reader.finish(source.configPath);
  const override = source.override ?? {};
  const written = Object.keys(v1beta4.ResetConfiguration.fields).filter((field) => !(field in override));
  const place = locateIn([[document, written]]);
  const fixed = defaultReset({ ...raw, ...override });
  const criSocket = await located(place, () =>
    fillSocket(host, fixed.criSocket, {
      criDetection: options.criDetection,
      path: 'criSocket',
      warn: (finding) => warn(place(finding)),
    }),
  );
  const config = { ...fixed, criSocket };
  report(validateReset(config).map(place), warn, source.configPath);
  return { config, warnings };
}

/** @throws the errors of `loadInitFamily` */
export async function loadJoin(
  host: ReadHost,
  source: Source<RawJoin>,
  options: LoadOptions,
): Promise<Loaded<JoinConfiguration>> {
  const documents = source.documents ?? (await readDocuments(host, source.configPath));
  const { warnings, warn } = collector(options.onWarning);
  const document = single('JoinConfiguration', documents, { path: source.configPath, warn });
  const reader = documentReader(options, warn);
  const place = locateIn([[document, Object.keys(v1beta4.JoinConfiguration.fields)]]);
  const fixed = defaultJoin(document === undefined ? (source.overlay ?? {}) : reader.join(document));
  reader.finish(source.configPath);
  const placed: Warn = (finding) => warn(place(finding));
  const controlPlane = fixed.controlPlane;
  const nodeRegistration = await located(place, () =>
    fillRegistration(host, fixed.nodeRegistration, {
      criDetection: options.criDetection,
      controlPlane: controlPlane !== undefined,
      warn: placed,
    }),
  );
  const config: JoinConfiguration = {
    ...fixed,
    nodeRegistration,
    ...(controlPlane === undefined
      ? {}
      : {
          controlPlane: {
            ...controlPlane,
            localAPIEndpoint: await located(place, () =>
              fillEndpoint(host, controlPlane.localAPIEndpoint, {
                path: 'controlPlane.localAPIEndpoint',
                warn: placed,
              }),
            ),
          },
        }),
  };
  const discoveryFileMissing = await isMissing(host, config.discovery.file?.kubeConfigPath);
  report(validateJoin(config, { discoveryFileMissing }).map(place), warn, source.configPath);
  return { config, warnings };
}

/** @throws the errors of `loadInitFamily` */
export async function loadUpgrade(
  host: ReadHost,
  source: Source<RawUpgrade>,
  options: LoadOptions,
): Promise<Loaded<UpgradeConfiguration>> {
  const documents = source.documents ?? (await readDocuments(host, source.configPath));
  const { warnings, warn } = collector(options.onWarning);
  const document = single('UpgradeConfiguration', documents, { path: source.configPath, warn });
  const reader = documentReader(options, warn);
  const place = locateIn([[document, Object.keys(v1beta4.UpgradeConfiguration.fields)]]);
  const config = defaultUpgrade(document === undefined ? (source.overlay ?? {}) : reader.upgrade(document));
  reader.finish(source.configPath);
  report(validateUpgrade(config).map(place), warn, source.configPath);
  return { config, warnings };
}

/** Whether the discovery file is a path, not a URL, and does not exist. */
async function isMissing({ files }: Pick<ReadHost, 'files'>, location: string | undefined): Promise<boolean> {
  if (location === undefined) return false;
  if (location === '') return true;
  try {
    return parseGoUrl(location).scheme === '' && (await files.stat(location)) === undefined;
  } catch {
    return false;
  }
}
