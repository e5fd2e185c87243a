import { usageError } from '../../errors.ts';
import { command } from '../command.ts';

/** `kubeadm completion SHELL` prints a script that asks `kubeadm __complete` for the words. */
export const completion = command({
  name: 'completion',
  argumentsHelp: 'SHELL',
  short: 'Print shell completion code (bash, fish or zsh)',
  long: 'Print shell completion code for the given shell (bash, fish or zsh). The shell has to evaluate it.',
  example:
    '  # for this shell\n  source <(kubeadm completion bash)\n\n  # for every new shell\n  kubeadm completion bash > /etc/bash_completion.d/kubeadm',
  argumentValues: ['bash', 'fish', 'zsh'],
  maximumArguments: Number.POSITIVE_INFINITY,
  run: async ({ arguments: words, output }) => {
    const [shell, extra] = words;
    if (shell === undefined) throw usageError('shell not specified', 'give one of bash, fish, zsh');
    if (extra !== undefined) throw usageError('too many arguments. expected only the shell type');
    const script = scripts[shell];
    if (script === undefined)
      throw usageError(
        `unsupported shell type ${JSON.stringify(shell)}, the supported shell types are [bash fish zsh]`,
      );
    output.stdout(script);
  },
});

/**
 * The function has upstream's name, because users complete aliases with it: `complete -F __start_kubeadm k`. bash takes
 * `--flag=value` apart into three words.
 */
const bash = `# Shell completion for kubeadm. It needs only bash.
__start_kubeadm() {
  local IFS=$'\\n' words=() word previous=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ ( "$word" == = || "$previous" == = ) && "\${#words[@]}" -gt 0 ]]; then
      words[\${#words[@]}-1]+="$word"
    else
      words+=("$word")
    fi
    previous="$word"
  done
  local current="\${words[\${#words[@]}-1]}"
  COMPREPLY=($(kubeadm __complete "\${words[@]}" 2>/dev/null | cut -f1))
  if [[ "\${#COMPREPLY[@]}" -eq 0 ]]; then
    COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]#=}"))
  elif [[ "$current" == --*=* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#--*=}")
  fi
  if [[ "\${COMPREPLY[0]}" == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F __start_kubeadm kubeadm
`;

const zsh = `#compdef kubeadm
# Shell completion for kubeadm.
_kubeadm() {
  local -a candidates
  local word text
  while IFS=$'\\t' read -r word text; do
    candidates+=("\${word//:/\\\\:}:\${text}")
  done < <(kubeadm __complete "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe 'kubeadm' candidates
  else
    _files
  fi
}
compdef _kubeadm kubeadm

# The name that aliases for other builds of kubeadm use, with compdef or with complete -F.
__start_kubeadm() {
  if (( \${+COMP_WORDS} )); then
    COMPREPLY=(\${(f)"$(kubeadm __complete "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null | cut -f1)"})
  else
    _kubeadm "$@"
  fi
}
`;

const fish = `# Shell completion for kubeadm.
function __start_kubeadm
  set -l words (commandline -opc)
  kubeadm __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c kubeadm -e
complete -c kubeadm -a '(__start_kubeadm)'
`;

const scripts: Readonly<Record<string, string>> = { bash, fish, zsh };
