/** Random cases for both binaries: commands that need no cluster, and that change nothing but files below /etc. */
import fc from 'fast-check';

import { allCommands, commandLines, type ListedCommand } from '../../support/random/command-lines.ts';
import { configFiles } from '../../support/random/configs.ts';
import { type Content, type Files, patchFolders, pems, pkiFolders } from '../../support/random/files.ts';
import { patchedConfig, plainFiles } from '../../support/random/inputs.ts';
import { paths } from '../../support/random/words.ts';
import type { Base64, Case } from '../record.ts';

type Sample = Pick<Case, 'commands'> & { readonly files: Files };

const words = (line: string): readonly string[] => line.split(' ');
const withConfig = (line: string): readonly string[] => words(`${line} --config ${paths.config}`);

const configCommands = fc.oneof(
  { weight: 6, arbitrary: fc.constant([withConfig('config validate')]) },
  { weight: 4, arbitrary: fc.constant([words(`config migrate --old-config ${paths.config}`)]) },
  {
    weight: 1,
    arbitrary: fc.constant([
      words(`config migrate --old-config ${paths.config} --new-config ${paths.newConfig}`),
    ]),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      [withConfig('config images list')],
      [withConfig('init phase control-plane all')],
      [withConfig('init phase etcd local')],
      [withConfig('init phase control-plane apiserver'), withConfig('init phase etcd local')],
    ),
  },
  { weight: 1, arbitrary: fc.constant([withConfig('init phase kubeconfig all')]) },
);

/** The authority with which kubeconfig files can be made. */
const authority: Files = {
  [`${paths.pki}/ca.crt`]: pems['ca.crt'] ?? '',
  [`${paths.pki}/ca.key`]: pems['ca.key'] ?? '',
};

const configCases: fc.Arbitrary<Sample> = fc
  .tuple(configCommands, configFiles)
  .map(([commands, content]) => ({ commands, files: { ...authority, [paths.config]: content } }));

const certificateCommands = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      [withConfig('certs check-expiration')],
      [withConfig('certs check-expiration -o json')],
      [withConfig('init phase certs apiserver')],
      [withConfig('init phase certs sa')],
      [withConfig('init phase certs ca'), withConfig('init phase certs apiserver-kubelet-client')],
      [withConfig('init phase kubeconfig admin')],
      [withConfig('certs renew apiserver')],
      [withConfig('kubeconfig user --client-name me --org a,b')],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      [withConfig('init phase certs all'), withConfig('certs check-expiration -o yaml')],
      [withConfig('init phase certs all'), withConfig('init phase kubeconfig all')],
      [
        words(
          `certs generate-csr --cert-dir /etc/kubeadm/pki --kubeconfig-dir /etc/kubeadm/kubeconfigs --config ${paths.config}`,
        ),
      ],
      [withConfig('certs renew all')],
    ),
  },
);

const certificateCases: fc.Arbitrary<Sample> = fc
  .tuple(certificateCommands, pkiFolders)
  .map(([commands, files]) => ({ commands, files }));

const patchCases: fc.Arbitrary<Sample> = fc
  .tuple(fc.constantFrom('init phase control-plane all', 'init phase etcd local'), patchFolders)
  .map(([line, files]) => ({
    commands: [withConfig(line)],
    files: { [paths.config]: patchedConfig, ...files },
  }));

/** The commands that are safe with any flags, because they change at most files, and ask nobody. */
const harmless = [
  'config validate',
  'config migrate',
  'config images list',
  'config print init-defaults',
  'config print join-defaults',
  'config print reset-defaults',
  'config print upgrade-defaults',
  'certs generate-csr',
  'completion',
  'kubeconfig user',
  'token generate',
  'version',
  ...['', 'config', 'config print', 'config images', 'certs', 'token', 'kubeconfig', 'certs renew'],
];

/** Command lines of all commands. Those of commands that change a machine only ask for help. */
function commandLineCases(commands: readonly ListedCommand[]): fc.Arbitrary<Sample> {
  const shared = commands
    .filter(({ words: [first = ''] }) => first !== 'doctor')
    .map(({ flags, words: path }) => ({ words: path, flags: flags.filter(({ added }) => added !== true) }));
  const [safe, others] = [true, false].map((wanted) =>
    shared.filter(({ words: path }) => harmless.includes(path.join(' ')) === wanted),
  );
  const lines = fc.oneof(
    { weight: 3, arbitrary: commandLines(safe ?? [], { hasOddWords: true }) },
    {
      weight: 1,
      arbitrary: commandLines(others ?? [], { hasOddWords: false, before: ['--help'] }),
    },
  );
  // `__complete` is between each program and its own script for the shell.
  return lines
    .filter(([first]) => first !== '__complete')
    .map((argv) => ({ commands: [argv], files: authority }));
}

/** Returns random cases. The same seed and the same numbers give the same cases. */
export async function createCases(): Promise<(seed: number, number: number) => Case> {
  const samples = fc.oneof(
    { weight: 10, arbitrary: configCases },
    { weight: 4, arbitrary: commandLineCases(await allCommands()) },
    { weight: 2, arbitrary: certificateCases },
    { weight: 2, arbitrary: patchCases },
  );
  return (seed, number) => {
    const [sample] = fc.sample(samples, { seed: Math.imul(seed + 1, 0x85ebca6b) ^ number, numRuns: 1 });
    if (sample === undefined) throw new Error('there is no sample');
    const files = { ...plainFiles, ...sample.files };
    return {
      name: `case ${number}`,
      config: '',
      commands: sample.commands,
      directory: '/etc/kubeadm',
      files: Object.fromEntries(Object.entries(files).map(([file, content]) => [file, encoded(content)])),
    };
  };
}

function encoded(content: Content): string | Base64 {
  return typeof content === 'string' && content.isWellFormed()
    ? content
    : { base64: Buffer.from(content).toString('base64') };
}
