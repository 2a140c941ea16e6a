#!/usr/bin/env bash
# Prints the environment in which Go finds WebKitGTK. To use it in your own shell:
#
#   eval "$(build/env.sh)"
#
# The native binding asks pkg-config for webkit2gtk-4.0. If only 4.1 is installed, or WEBKIT=4.1
# requests it, an alias replaces it. Go's build cache cannot see which one answered, so an unused
# macro keeps the objects of the two apart.
set -euo pipefail

alias_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/pkgconfig
marker=-DWEBKIT2GTK_4_1

die() {
	printf 'env: %s\n' "$*" >&2
	exit 1
}

# without prints the list $1, separated by $2, without its members that equal $3.
without() {
	local part result=
	local -a parts
	IFS=$2 read -ra parts <<<"$1"
	for part in ${parts[@]+"${parts[@]}"}; do
		if [[ -n $part && $part != "$3" ]]; then
			result+=${result:+$2}$part
		fi
	done
	printf '%s' "$result"
}

# Ignore the environment that an earlier call has set.
search=$(without "${PKG_CONFIG_PATH-}" : "$alias_dir")
cflags=$(without "${CGO_CFLAGS--O2 -g}" ' ' "$marker")
cxxflags=$(without "${CGO_CXXFLAGS--O2 -g}" ' ' "$marker")

has() { PKG_CONFIG_PATH=$search pkg-config --exists "$1" 2>/dev/null; }

case ${WEBKIT-} in
4.0 | 4.1)
	has "webkit2gtk-$WEBKIT" || die "the headers of WebKitGTK $WEBKIT are not installed; run make deps FOR=test"
	webkit=$WEBKIT
	;;
'')
	if has webkit2gtk-4.0; then
		webkit=4.0
	elif has webkit2gtk-4.1; then
		webkit=4.1
	else
		die "the headers of WebKitGTK are not installed; run make deps"
	fi
	;;
*)
	die "WEBKIT is '$WEBKIT'; it must be 4.0, 4.1 or empty"
	;;
esac

if [[ $webkit == 4.1 ]]; then
	search=$alias_dir${search:+:$search}
	cflags+=" $marker"
	cxxflags+=" $marker"
fi

printf 'export PKG_CONFIG_PATH=%q\n' "$search"
printf 'export CGO_CFLAGS=%q\n' "$cflags"
printf 'export CGO_CXXFLAGS=%q\n' "$cxxflags"
