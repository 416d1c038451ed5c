#!/bin/sh
# Every header compiles alone, and manager.h as C11, C17 and C++ besides.
set -eu
cd "$(dirname "$0")/.."

CC=${CC:-cc}
CXX=${CXX:-c++}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
failed=0

for header in $(git ls-files 'proto/*.h' 'managerd/*.h' 'client/*.h' 'tests/*.h'); do
        echo "#include \"$header\"" >"$directory/alone.c"
        $CC -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -I. -Iclient -Itests/bench "$directory/alone.c" || {
                echo "$header does not compile alone" >&2
                failed=1
        }
done

for language in "$CC -std=c11" "$CC -std=c17" "$CXX -std=c++11 -x c++" "$CXX -std=c++20 -x c++"; do
        echo '#include <manager.h>' >"$directory/public.c"
        $language -pedantic -Wall -Wextra -Werror -fsyntax-only -Iclient "$directory/public.c" || {
                echo "manager.h does not compile with $language" >&2
                failed=1
        }
done
exit $failed
