#!/bin/sh
# What `make demo` shows: the examples, one after another, on a running daemon.
#
#   examples/demo.sh [BUILD]
set -eu

build=${1:-build}
MANAGERD=$PWD/$build/managerd
export MANAGERD

bold= normal=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
        bold=$(printf '\033[1m') normal=$(printf '\033[0m')
fi

say() {
        printf '\n%s%s%s\n' "$bold" "$1" "$normal"
}

say "One dict and one list, changed by a forked child (examples/shared_dict_list.c)"
"$build/examples/shared_dict_list"

say "Four workers increment one counter 40,000 times and lose none (examples/counter.c)"
"$build/examples/counter"

say "A list in a dict in a dict, filled from another process (examples/nested.c)"
"$build/examples/nested"

say "Twenty jobs, one of which kills its worker once, and one each time (examples/work_queue.c)"
"$build/examples/work_queue"

say "A lock whose holder is killed, and two locks taken crosswise (examples/survivors.c)"
"$build/examples/survivors"

say "Ten tasks for a pool of two workers (examples/pool.c)"
"$build/examples/pool"

say "A thousand calls under way in one thread and its event loop (examples/in_flight.c)"
"$build/examples/in_flight"

say "Two programs that know nothing but a name (examples/meet_writer.c, meet_reader.c)"
directory=$(mktemp -d)
mkfifo "$directory/ready"
"$MANAGERD" --socket "$directory/manager.sock" --log-level error --ready-fd 3 3>"$directory/ready" &
daemon=$!
trap 'kill $daemon 2>/dev/null; wait $daemon 2>/dev/null; rm -rf "$directory"' EXIT
read -r address <"$directory/ready"
echo "managerd listens on $address"
"$build/examples/meet_writer" "$address"
"$build/examples/meet_reader" "$address"

say "A look inside (managerctl)"
look() {
        printf '%s$ managerctl %s%s\n' "$bold" "$1" "$normal"
        eval "'$build/managerctl' --socket '$address' $1"
}
look "set --create scores alice 5"
look "call scores incr alice 2"
look "set scores '[\"a tuple\", 1]' '{\"nested\": [1.5, null]}'"
look "ls"
look "get scores"
look "get scores --json"
look "ping"
