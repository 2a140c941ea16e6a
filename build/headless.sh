#!/usr/bin/env bash
# Runs a command in a session and on a screen of its own, for machines without a display. Prints
# only the command's output; if the session fails to start, prints the session's output.
set -euo pipefail

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
exec 3>&1 4>&2

# This minimal session has no accessibility bus, and GTK would complain about that.
export NO_AT_BRIDGE=1

status=0
# shellcheck disable=SC2016 # The inner shell expands it.
dbus-run-session -- xvfb-run -a -s '-screen 0 1280x800x24 -noreset' \
	bash -c 'touch "$1/started"; shift; exec "$@" >&3 2>&4 3>&- 4>&-' bash "$scratch" "$@" \
	>"$scratch/log" 2>&1 || status=$?
if [[ ! -e $scratch/started ]]; then
	cat "$scratch/log" >&2
fi
exit "$status"
