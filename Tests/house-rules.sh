#!/usr/bin/env bash
# House rules that the formatter does not know. Prints each breach and fails if there is one.
set -u
cd "$(dirname "$0")/.."
fail=0
check() { # check TITLE OUTPUT
    [ -z "$2" ] && return
    printf '%s\n%s\n' "$1" "$2" >&2
    fail=1
}
swift_files() { git ls-files -co --exclude-standard -- 'Sources/*.swift' 'Tests/*.swift'; }
check 'Unfinished marks:' "$(git grep -nE '(T)ODO|(F)IXME|(^|[^X])XXX([^X]|$)|(H)ACK' -- Sources Tests ':!Tests/house-rules.sh')"
check 'Files over 600 lines:' "$(swift_files | xargs wc -l | awk '$2 != "total" && $1 > 600 {print "  " $2 ": " $1}')"
check 'Sleeps in tests:' "$(git grep -nE '(Task\.sleep|usleep\(|[^a-z_]sleep\(|time\.sleep)' -- Tests ':!Tests/house-rules.sh')"
check 'Absolute paths of a machine:' "$(git grep -nE '/(w[o]rk|r[o]ot|h[o]me/[a-z]+)/' -- . ':!Tests/house-rules.sh')"
check 'Files over 1 MiB:' "$(git ls-files | while read -r f; do [ -f "$f" ] && [ "$(stat -c %s "$f")" -gt 1048576 ] && echo "  $f"; done)"
check 'Modules without a README.md:' "$(for d in Sources/*/; do case "$d" in Sources/C[A-Z]*) continue ;; esac; [ -f "$d/README.md" ] || echo "  $d"; done)"
check '@unchecked Sendable, nonisolated(unsafe), try! and as! need a reason in a comment on the line or within 3 lines:' "$(
    swift_files | grep '^Sources/' | xargs awk '
        FNR == 1 { delete line }
        { line[FNR] = $0 }
        /@unchecked Sendable|nonisolated\(unsafe\)|try!|as! / && !/^[[:space:]]*\/\// {
            ok = ($0 ~ /\/\//)
            for (i = 1; i <= 3; i++) if (line[FNR - i] ~ /\/\//) ok = 1
            if (!ok) pending[FILENAME ":" FNR] = FNR
        }
        { for (key in pending) if (FNR > pending[key] && FNR <= pending[key] + 3 && $0 ~ /\/\//) delete pending[key] }
        END { for (key in pending) print "  " key }')"
exit $fail
