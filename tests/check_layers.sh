#!/bin/sh
# The arrows of the house: which folder may include which. An include that is
# not listed here is an error, as is one that does not start at the root.
set -eu
cd "$(dirname "$0")/.."

allowed() { # folder of the file, included path
        case "$1:$2" in
        proto:proto/*) ;;
        managerd/object:managerd/object/* | managerd/object:proto/*) ;;
        managerd/types:managerd/types/* | managerd/types:managerd/object/* | managerd/types:proto/*) ;;
        managerd/engine:managerd/engine/* | managerd/engine:managerd/object/* | managerd/engine:proto/*) ;;
        managerd/engine:managerd/types/types.h | managerd/engine:managerd/version.h) ;;
        managerd/server:managerd/server/* | managerd/server:managerd/engine/engine.h) ;;
        managerd/server:managerd/log.h | managerd/server:managerd/object/list.h | managerd/server:proto/*) ;;
        managerd:managerd/server/* | managerd:managerd/*.h | managerd:proto/*) ;;
        client/manager:../manager.h) ;; # parts of the public header
        client:manager/*) [ "$file" = client/manager.h ] ;;
        client/managerctl:client/managerctl/*) ;; # the library by <manager.h> alone
        client/managerctl:*) return 1 ;;
        client:client/process/family.h) ;; # who this process is
        client:client/*/*) return 1 ;;
        client/calls:client/proxies/* | client/pool:client/proxies/waiting.h) ;;
        client/*:client/*/*) [ "${2%/*}" = "$1" ] ;;
        client:client/* | client/*:client/* | client:proto/* | client/*:proto/*) ;;
        examples:*) return 1 ;;
        *) return 1 ;;
        esac
}

failed=0
complain() {
        echo "$1" >&2
        failed=1
}

for file in $(git ls-files 'proto/*.[ch]' 'managerd/*.[ch]' 'client/*.[ch]'); do
        folder=$(dirname "$file")
        for include in $(sed -n 's/^#include "\(.*\)"/\1/p' "$file"); do
                allowed "$folder" "$include" || complain "$file must not include $include"
        done
done

# what is kept in few rooms: header, then the folders or files that may include it
only() {
        header=$1
        shift
        git grep -l "#include <$header>" -- 'proto/*.[ch]' 'managerd/*.[ch]' 'client/*.[ch]' |
                while read -r file; do
                        for place in "$@"; do
                                case "$file" in $place) continue 2 ;; esac
                        done
                        echo "$file must not include <$header>"
                done
}
bad=$(
        only utlist.h managerd/object/table.c
        only uv.h 'managerd/server/*' managerd/main.c
        only msgpack.h proto/pack.c
        only manager.h 'client/managerctl/*' client/manager.h
        only jansson.h client/managerctl/json_read.c
        only libsmartcols.h client/managerctl/table.c
        only seccomp.h managerd/server/sandbox.c
)
[ -z "$bad" ] || complain "$bad"

# types meet only by their capabilities: what a type's rooms share is for them alone, and no type is
# named by the rooms of another
for header in managerd/types/*.h; do
        type=$(basename "$header" .h)
        [ -f "managerd/types/$type.c" ] && grep -q "^const struct type ${type}_type" "managerd/types/$type.c" || continue
        for file in $(git grep -l "#include \"$header\"" -- 'managerd/*.[ch]'); do
                case "$file" in
                managerd/types/$type.c | managerd/types/${type}_*.[ch] | managerd/types/r$type.c) ;;
                *) complain "$file must not include $header" ;;
                esac
        done
done
for file in managerd/types/*.c; do
        type=$(basename "$file" .c)
        for named in $(sed -n 's/.*&\([a-z_]*\)_type\>.*/\1/p' "$file"); do
                case "$type:$named" in
                "$named:$named" | "$named"_*:* | semaphore:bounded_semaphore) ;;
                *) [ "$type" = types ] || complain "$file must not name the type $named" ;;
                esac
        done
done

exit $failed
