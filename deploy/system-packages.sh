#!/bin/sh
# Make sure that Debian packages are there: install them where we are root and apt is at hand, else say what to do.
set -eu

missing=""
for package in "$@"; do
    case $package in
        python3-venv) python3 -c 'import venv, ensurepip' 2>/dev/null || missing="$missing $package" ;;
        postgresql) ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing $package" ;;
        *) command -v "$package" >/dev/null 2>&1 || missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # one word a package
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "not found:$missing. The tests that need them are skipped; install them with: sudo apt install$missing" >&2
fi
