#!/usr/bin/env bash
# Builds the demo's installers and pages twice, from two copies of the tree in folders with
# different names and with different umasks, and compares the installers byte by byte. The second
# build starts with an empty cache. The .msi is left out, because wixl generates random ids and
# times.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

formats=tar.gz,deb,rpm,pkg.tar.zst,exe,setup
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

make_in() {
	local dir=$1 mask=$2
	mkdir -p "$dir"
	git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
		if [[ -e $file ]]; then
			printf '%s\0' "$file"
		fi
	done | xargs -0 cp --parents -t "$dir"
	(
		umask "$mask"
		cd "$dir/frontend"
		npm ci --loglevel=error --no-progress >&2
		npm --silent run build >&2
		cd ..
		go run ./cmd/casement dist -formats "$formats" -o out ./cmd/app >&2
	)
}

make_in "$scratch/one" 022
GOCACHE=$scratch/cache make_in "$scratch/a folder of another name" 077
status=0
while read -r _ file; do
	if cmp "$scratch/one/out/$file" "$scratch/a folder of another name/out/$file"; then
		echo "identical: $file"
	else
		status=1
	fi
done <"$scratch/one/out/SHA256SUMS"
exit $status
