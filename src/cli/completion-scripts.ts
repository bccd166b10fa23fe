export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

// Each asks `handrail --complete WORD…` what may stand in the place of the last word. The answer has a
// line for each candidate, with a tab before what it means; `:files` and `:folders` leave it to the shell.

const bash = `# Completion of handrail for bash. In ~/.bashrc: source <(handrail completion bash)
# or once: handrail completion bash > ~/.local/share/bash-completion/completions/handrail
_handrail() {
  local line word IFS=$'\\n'
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$2")) ;;
      :folders) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "$2")) ;;
      *) printf -v word %q "\${line%%$'\\t'*}"; COMPREPLY+=("$word") ;;
    esac
  done < <(command handrail --complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _handrail handrail
`;

const zsh = `#compdef handrail
# Completion of handrail for zsh. In ~/.zshrc, after compinit: source <(handrail completion zsh)
# or once: handrail completion zsh > a folder of $fpath, as a file with the name _handrail
_handrail() {
  local line word
  local -a found
  while IFS= read -r line; do
    case $line in
      :files) compset -P '--*='; _files ;;
      :folders) compset -P '--*='; _files -/ ;;
      *) word=\${line%%$'\\t'*}; found+=("\${word//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <(command handrail --complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#found )) && _describe handrail found
}
if [ "\${funcstack[1]}" = _handrail ]; then _handrail "$@"; else compdef _handrail handrail; fi
`;

const fish = `# Completion of handrail for fish. Once:
# handrail completion fish > ~/.config/fish/completions/handrail.fish
function __handrail_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l option (string match -r -- '^--[a-z-]+=' $words[-1])
    set -q option[1]; or set option ''
    set -l typed (string replace -r -- '^--[a-z-]+=' '' $words[-1])
    for line in (command handrail --complete $words[2..-1] 2>/dev/null)
        switch $line
            case :files
                printf '%s\\n' $option(__fish_complete_path $typed)
            case :folders
                printf '%s\\n' $option(__fish_complete_directories $typed)
            case '*'
                echo $line
        end
    end
end
complete -c handrail -f -a '(__handrail_complete)'
`;

export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
