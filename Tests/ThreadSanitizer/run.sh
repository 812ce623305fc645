#!/usr/bin/env bash
# Runs the modules' tests under ThreadSanitizer; arguments go to `swift test`.
set -eu
cd "$(dirname "$0")/../.."
flags=(--sanitize=thread --scratch-path .build/tsan)
swift build --build-tests "${flags[@]}"
# Swift's own clang knows Swift's calling convention; gcc does not.
clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
"$clang" -O2 -Wall -Werror -shared -fPIC Tests/ThreadSanitizer/preload.c -o .build/tsan/preload.so
# Swift's own crash reporter waits for a terminal under the sanitizer's signal handlers.
SWIFT_BACKTRACE=enable=no TSAN_OPTIONS=suppressions=$PWD/Tests/ThreadSanitizer/suppressions.txt \
    LD_PRELOAD=$PWD/.build/tsan/preload.so \
    swift test --skip-build "${flags[@]}" --parallel "$@"
