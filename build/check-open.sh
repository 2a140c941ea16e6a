#!/usr/bin/env bash
# Starts a program with something to open, and starts it again with something else while it runs, as
# desktops do. The first process must show each in the title of its window, and the second must only
# pass its argument on. Needs a screen and xdotool.
#
#   build/check-open.sh PROGRAM ARGUMENT TITLE ARGUMENT TITLE
set -euo pipefail

program=$1
patience=60 # Seconds. A slow machine shows its first window after ten.
scratch=$(mktemp -d)
# Keep the program's files apart from the user's.
export HOME=$scratch XDG_RUNTIME_DIR=$scratch LC_ALL=C.UTF-8
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME
first=

clean_up() {
	[[ -z $first ]] || kill -KILL "$first" 2>/dev/null || true
	rm -rf "$scratch"
}
trap clean_up EXIT

die() {
	printf 'check-open: %s\n' "$*" >&2
	exit 1
}

titles() { xdotool search --onlyvisible --name . getwindowname %@ 2>/dev/null || true; }

# shown waits for a window with the title $1.
shown() {
	local end=$((SECONDS + patience))
	until titles | grep -qxF -- "$1"; do
		((SECONDS < end)) || die "no window has the title '$1'; titles: $(titles | paste -sd '|')"
		kill -0 "$first" 2>/dev/null || die "$program has ended"
		sleep 0.1
	done
}

"$program" "$2" &
first=$!
shown "$3"
timeout "$patience" "$program" "$4" || die "the second start of $program failed to pass its argument on: $?"
shown "$5"
kill -TERM "$first"
wait "$first" || die "$program ended with $?"
first=
printf 'opened %s, and %s while it ran\n' "$2" "$4"
