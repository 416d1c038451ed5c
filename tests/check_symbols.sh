#!/bin/sh
# The libraries export what manager.h declares, all of it and nothing else.
set -eu
cd "$(dirname "$0")/.."

build=${BUILD:-build}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# declared: functions, not the static inline ones
${CC:-cc} -E -P -x c client/manager.h 2>/dev/null | tr '\n' ' ' | sed 's/[;{}]/\n/g' | grep -v 'static inline\|typedef' |
        grep -o '\bmgr_[a-z0-9_]* *(' | tr -d ' (' | sort -u >"$directory/called"
nm -D --defined-only "$build/libmanager.so.0" | awk '{print $3}' | grep -v '^LIBMANAGER_' | sed 's/@.*//' |
        sort -u >"$directory/shared"
nm -g --defined-only "$build/libmanager.a" 2>/dev/null | awk 'NF == 3 {print $3}' | sort -u >"$directory/static"

failed=0
if grep -v '^mgr_' "$directory/shared" || grep -v '^mgr_' "$directory/static"; then
        echo "the symbols above are exported and should not be" >&2
        failed=1
fi
for symbol in $(comm -13 "$directory/called" "$directory/shared"); do
        echo "$symbol is exported, but manager.h does not declare it" >&2
        failed=1
done
for library in shared static; do
        for symbol in $(comm -23 "$directory/called" "$directory/$library"); do
                grep -q "static inline.*\b$symbol(" client/manager.h client/manager/*.h && continue
                echo "manager.h declares $symbol, but the $library library does not have it" >&2
                failed=1
        done
done
exit $failed
