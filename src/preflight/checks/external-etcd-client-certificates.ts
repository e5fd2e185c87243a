import type { ExternalEtcd } from '../../config/hub.ts';
import type { Check } from '../check.ts';
import { fileExisting } from './file-existing.ts';

/** One check for each file that etcd.external names. As in upstream, all have the same name. */
export function externalEtcdClientCertificates(etcd: ExternalEtcd): readonly Check[] {
  return [etcd.caFile, etcd.certFile, etcd.keyFile]
    .filter((path) => path !== '')
    .map((path) => fileExisting(path, 'ExternalEtcdClientCertificates'));
}
