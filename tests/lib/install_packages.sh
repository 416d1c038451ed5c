#!/bin/sh
# Installs those of the named Debian packages that are missing; does nothing
# where none is.
set -eu

missing=
for package in "$@"; do
        status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
        [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
                echo "These Debian packages are missing:$missing" >&2
                echo "Install them as root, or install sudo." >&2
                exit 1
        fi
        sudo=sudo
fi

echo "Installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
