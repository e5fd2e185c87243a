/** Manual pages in the language of man(7), from the same values as --help. */
import { type Command, loadCommand } from '../../src/cli/command.ts';
import type { Flag } from '../../src/cli/flags.ts';
import { type CommandPath, inheritedFlags, localFlags, pathText } from '../../src/cli/help.ts';

export interface ManOptions {
  /** The name that the program is installed with. */
  readonly program: string;
  /** The version of this project. */
  readonly version: string;
  /** A day such as 2026-11-24. */
  readonly date: string;
}

/** Returns a page for each command that help lists, by file name, such as `kubeadm-init.1`. */
export async function manPages(root: Command, options: ManOptions): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  for (const path of await paths([{ ...root, name: options.program }]))
    pages.set(`${pageName(path)}.1`, page(path, options));
  return pages;
}

async function paths(path: CommandPath): Promise<readonly CommandPath[]> {
  const children = await Promise.all(
    listed(path).map(async (entry) => await paths([...path, await loadCommand(entry)])),
  );
  return [path, ...children.flat()];
}

function listed(path: CommandPath) {
  return (path.at(-1)?.commands ?? []).filter(({ hidden }) => hidden !== true);
}

function pageName(path: CommandPath): string {
  return path.map(({ name }) => name).join('-');
}

function page(path: CommandPath, { date, version }: ManOptions): string {
  const command = path[path.length - 1] as Command;
  const isShown = ({ deprecated }: Flag): boolean => deprecated === undefined;
  const own = localFlags(path).filter(isShown);
  const inherited = inheritedFlags(path).filter(isShown);
  const name = pageName(path);
  const lines = [
    `.TH "${name.toUpperCase()}" "1" "${date}" "kubeadm ${version}" "Kubernetes"`,
    // Long words such as the names of checks cannot be adjusted to both margins.
    '.ad l',
    ...section('NAME', [`${literal(name)} \\- ${literal(oneLine(command.short))}`]),
    ...section('SYNOPSIS', synopsis(command, path)),
    ...section('DESCRIPTION', description(command.long ?? command.short)),
    ...section(
      'COMMANDS',
      listed(path).flatMap((child) => ['.TP', bold(child.name), literal(oneLine(child.short))]),
    ),
    ...section('OPTIONS', own.flatMap(option)),
    ...section('GLOBAL OPTIONS', inherited.flatMap(option)),
    ...section('EXAMPLES', command.example === undefined ? [] : verbatim(command.example)),
    ...section('SEE ALSO', seeAlso(path)),
  ];
  return `${lines.join('\n')}\n`;
}

function section(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${name}`, ...lines];
}

function synopsis(command: Command, path: CommandPath): readonly string[] {
  const program = bold(pathText(path));
  const { argumentsHelp } = command;
  const positional = argumentsHelp === undefined ? '' : ` ${literal(argumentsHelp)}`;
  const lines =
    path.length > 1 && !(command.run === undefined && listed(path).length > 0)
      ? [`${program}${positional} [flags]`]
      : [];
  if (listed(path).length > 0) lines.push(`${program} [command]`);
  return lines.flatMap((line, index) => (index === 0 ? [line] : ['.br', line]));
}

/** Fills paragraphs, and keeps the lines of a paragraph that is indented or a list. */
function description(text: string): readonly string[] {
  return (
    text
      // Fences are for help, which has no other sign for a table.
      .replaceAll(/^```\n?/gm, '')
      .trim()
      .split(/\n\s*\n/)
      .flatMap((paragraph, index) => {
        const keepsLines = /^\s+\S/m.test(paragraph) || /^[-*] /m.test(paragraph);
        const lines = keepsLines
          ? verbatim(paragraph)
          : paragraph.split('\n').map((line) => literal(line.trim()));
        return index === 0 ? lines : ['.PP', ...lines];
      })
  );
}

function option(flag: Flag): readonly string[] {
  const short = flag.short === undefined || flag.short === flag.name ? '' : `${bold(`-${flag.short}`)}, `;
  const value = flag.type === 'bool' ? '' : `=\\fI${literal(flag.type)}\\fR`;
  const preset = ['', 'false', '0', '0s', '[]'].includes(flag.default ?? '')
    ? ''
    : ` (default ${flag.default})`;
  const [first = '', ...more] = flag.usage.split('\n');
  const text = more.length === 0 ? `${first}${preset}` : first;
  const rest = more.flatMap((line) => ['.br', literal(line)]);
  return ['.TP', `${short}${bold(`--${flag.name}`)}${value}`, literal(text), ...rest];
}

function seeAlso(path: CommandPath): readonly string[] {
  const parent = path.length > 1 ? [pageName(path.slice(0, -1))] : [];
  const children = listed(path).map(({ name }) => `${pageName(path)}-${name}`);
  const names = [...parent, ...children];
  return names.map((name, index) => `.BR ${literal(name)} (1)${index === names.length - 1 ? '' : ','}`);
}

function verbatim(text: string): readonly string[] {
  return ['.nf', ...text.split('\n').map((line) => literal(line.trimEnd())), '.fi'];
}

function bold(text: string): string {
  return `\\fB${literal(text)}\\fR`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Keeps a text from being read as a request, an escape or a typographic dash or quote. */
function literal(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll("'", '\\(aq')
    .replaceAll('\u2026', '...')
    .replace(/^\./, '\\&.');
}
