#!/usr/bin/env bash
# Tests/Fuzz/run.sh SECONDS [TARGET...]: builds the fuzz targets and runs each for so long on its kept corpus.
# New finds go to a temporary directory. Fails on a crash, and says which input it was.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-20}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(FuzzRecordBatch FuzzKafkaWire FuzzSchemas)
build=(swift build -c release --sanitize=fuzzer --scratch-path .build/fuzz)
export SLUICE_FUZZ=1
# Swift's own crash reporter waits for a terminal under libFuzzer's signal handlers.
export SWIFT_BACKTRACE=enable=no
finds=$(mktemp -d)
status=0
for target in "${targets[@]}"; do
    "${build[@]}" --product "$target" >"$finds/$target.build" 2>&1 || { cat "$finds/$target.build" >&2; exit 1; }
    mkdir -p "$finds/$target"
    printf '%s: ' "$target"
    if "$("${build[@]}" --show-bin-path)/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -max_len=4096 -print_final_stats=1 -artifact_prefix="$finds/$target-" "$finds/$target" \
        "Tests/Fuzz/corpus/$target" >"$finds/$target.log" 2>&1; then
        awk '/number_of_executed_units/ {n = $2} /peak_rss_mb/ {m = $2} END {print n " inputs, " m " MiB"}' \
            "$finds/$target.log"
        grep '^schemas: ' "$finds/$target.log" || true
    else
        status=1
        echo FAILED
        grep -E 'Fatal error|ERROR|SUMMARY|artifact' "$finds/$target.log" || tail -5 "$finds/$target.log"
        echo "reproducer: $(ls "$finds/$target"-* 2>/dev/null | head -1)"
        echo "again with: .build/fuzz/release/$target REPRODUCER"
    fi
done
[ $status -ne 0 ] || rm -r "$finds"
exit $status
