/// The shells that complete the program's words, and what each needs to ask for it.
///
/// The scripts only carry words to `sluice complete` and its answer back: what can follow is known in one place. An answer
/// is a line for each candidate, `WORD<tab>MEANING`, or `:files` or `:directories`.
enum CompletionScript: String, CaseIterable {
    case bash
    case zsh
    case fish

    /// The script that the shell loads.
    var text: String {
        switch self {
        case .bash: Self.bashText
        case .zsh: Self.zshText
        case .fish: Self.fishText
        }
    }

    /// bash splits words at `=` and `:` as well, and replaces only what follows the last of these.
    private static let bashText = #"""
        # bash completion of sluice: source <(sluice completion bash)
        _sluice() {
            local line="${COMP_LINE:0:COMP_POINT}" current candidate
            local -a words
            read -ra words <<< "$line"
            case "$line" in *[[:space:]]) words+=("") ;; esac
            current="${words[${#words[@]}-1]}"
            COMPREPLY=()
            while IFS=$'\t' read -r candidate _; do
                case "$candidate" in
                    :files) compopt -o default 2>/dev/null; COMPREPLY=(); return ;;
                    :directories) compopt -o dirnames 2>/dev/null; COMPREPLY=(); return ;;
                    *) COMPREPLY+=("$candidate") ;;
                esac
            done < <("${COMP_WORDS[0]}" complete -- "${words[@]:1}" 2>/dev/null)
            local kept="${current%"${current##*[:=]}"}" index
            for index in "${!COMPREPLY[@]}"; do COMPREPLY[index]="${COMPREPLY[index]#"$kept"}"; done
            case "$current" in *,*) compopt -o nospace 2>/dev/null ;; esac
        }
        complete -F _sluice sluice

        """#

    private static let zshText = #"""
        #compdef sluice
        # zsh completion of sluice: sluice completion zsh > "${fpath[1]}/_sluice", or source <(sluice completion zsh)
        _sluice() {
            local line word meaning
            local -a described
            for line in "${(@f)$("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
                case "$line" in
                    :files) _files; return ;;
                    :directories) _files -/; return ;;
                    "") ;;
                    *) described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
                esac
            done
            (( ${#described} )) && _describe -V sluice described
        }
        if [ "${funcstack[1]}" = _sluice ]; then _sluice "$@"; else compdef _sluice sluice; fi

        """#

    private static let fishText = #"""
        # fish completion of sluice: sluice completion fish | source
        function __sluice_complete
            set -l words (commandline -opc)
            set -l answer ($words[1] complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
            switch "$answer[1]"
                case :files
                    __fish_complete_path (commandline -ct)
                case :directories
                    __fish_complete_directories (commandline -ct)
                case '*'
                    printf '%s\n' $answer
            end
        end
        complete -c sluice -f -a '(__sluice_complete)'

        """#
}
