#!/usr/bin/env bash
# Checks the demo's installers: has the distributions' own tools look at them, installs them, has the
# installed program hash a file and what a URL names, removes them, and fails if something stays.
#
#   build/check-dist.sh FOLDER
#
# The .deb goes into a Debian made for that, which has no headers and no -dev package, if this runs as root
# and mmdebstrap is here; the Windows installers go into a wine of their own, if wine is here. What is
# skipped is said in the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dist=$(cd "$1" && pwd)
scratch=$(mktemp -d)
skipped=()

clean_up() {
	if [[ -d $scratch/wine ]]; then
		WINEPREFIX=$scratch/wine wineserver -k 2>/dev/null || true
	fi
	rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT

say() { printf '\n== %s\n' "$*"; }

die() {
	printf 'check-dist: %s\n' "$*" >&2
	exit 1
}

# the prints the one file in the folder that matches.
the() {
	local -a files
	mapfile -t files < <(compgen -G "$dist/$1")
	[[ ${#files[@]} == 1 ]] || die "there is not one $1 in $dist"
	echo "${files[0]}"
}

deb=$(the '*.deb')
rpm=$(the '*.rpm')
arch=$(the '*.pkg.tar.zst')
tarball=$(the '*.tar.gz')
name=$(dpkg-deb --field "$deb" Package)

# expect fails unless the program, $2 and the rest, prints the digest that sha256sum prints of file $1.
expect() {
	local file=$1 want got
	shift
	want=$(sha256sum "$file" | cut -d ' ' -f 1)
	got=$("$@") || die "the program failed: $*"
	[[ $got == "sha256  $want  "* ]] || die "the program printed '$got', not the digest $want"
	echo "$got"
}

check_files() {
	say 'Checksums and the checkers of the distributions'
	(cd "$dist" && sha256sum --check --quiet SHA256SUMS)
	lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$deb"
	rpm -K --nosignature "$rpm"
	# Read to the end: a pipe that closes early fails the tar.
	tar --use-compress-program=unzstd -xOf "$arch" .PKGINFO >"$scratch/pkginfo"
	grep -qx "pkgname = $name" "$scratch/pkginfo" || die "the package for Arch has another name"
	mkdir "$scratch/deb"
	dpkg-deb --extract "$deb" "$scratch/deb"
	desktop-file-validate "$scratch"/deb/usr/share/applications/*.desktop
	appstreamcli validate --no-net "$scratch"/deb/usr/share/metainfo/*.xml
}

check_tarball() {
	say 'The tarball, below a prefix of its own'
	mkdir "$scratch/prefix"
	tar -xzf "$tarball" -C "$scratch/prefix" --strip-components=1
	expect "$tarball" build/headless.sh "$scratch/prefix/bin/$name" --drive -- "$tarball"
	expect "$tarball" build/headless.sh "$scratch/prefix/bin/$name" --drive -- "$name://$tarball"
	tar -tzf "$tarball" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' | while IFS= read -r file; do
		rm "$scratch/prefix/$file"
	done
	[[ -z $(find "$scratch/prefix" -type f) ]] || die "files of the tarball stay: $(find "$scratch/prefix" -type f)"
	echo 'removed, and nothing stays'
}

# everything lists what is in the Debian, less what belongs to apt and dpkg and to one boot. How long a
# folder has ever been is not looked at.
everything() {
	(cd "$scratch/root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./run -o -path ./root \
		-o -path ./var/log -o -path ./var/cache -o -path ./var/lib/dpkg -o -path ./var/lib/apt \) -prune \
		-o -type d -printf '%p\n' -o -printf '%p %y %s\n' | sort)
}

# in_debian runs a command there. Its mounts are gone with it.
in_debian() {
	# shellcheck disable=SC2016 # The inner shell expands it.
	unshare --mount --propagation private bash -c '
		set -e
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		exec chroot "$@"
	' in_debian "$scratch/root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root "$@"
}

check_deb() {
	local suite
	# shellcheck disable=SC1091 # It is the system's.
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	if ((EUID != 0)) || ! command -v mmdebstrap >/dev/null || [[ $suite != bookworm && $suite != trixie ]]; then
		skipped+=('the .deb was not installed: that takes root, and Debian 12 or 13 with mmdebstrap')
		return
	fi
	say "The .deb, in a $suite that has only what it depends on"
	mmdebstrap --quiet --variant=apt --skip=cleanup/apt/lists \
		--include=xvfb,xauth,dbus-daemon,fonts-dejavu-core,desktop-file-utils "$suite" "$scratch/root"
	cp -L /etc/resolv.conf "$scratch/root/etc/"
	in_debian apt-get -qq -o Dpkg::Use-Pty=0 satisfy --no-install-recommends -y \
		"$(dpkg-deb --field "$deb" Depends)" >"$scratch/log" 2>&1 || die "its dependencies: $(tail "$scratch/log")"
	[[ -z $(find "$scratch/root/usr" -name 'libwebkit2gtk-4*.so') ]] || die 'there are headers of WebKitGTK'
	cp build/headless.sh "$deb" "$scratch/root/root/"
	everything >"$scratch/before"
	in_debian dpkg --install "/root/${deb##*/}" >/dev/null
	grep -q "^x-scheme-handler/$name=" "$scratch/root/usr/share/applications/mimeinfo.cache" ||
		die 'the desktop does not know the URL scheme'
	grep -q ':application/vnd.example.hasher:' "$scratch/root/usr/share/mime/globs2" ||
		die 'the desktop does not know the file type'
	expect "$scratch/root/usr/bin/$name" in_debian /root/headless.sh "$name" --drive -- "/usr/bin/$name"
	expect "$scratch/root/usr/bin/$name" in_debian /root/headless.sh "$name" --drive -- "$name:///usr/bin/$name"
	in_debian dpkg --purge "$name" >/dev/null
	everything >"$scratch/after"
	diff "$scratch/before" "$scratch/after" || die 'removing the .deb has left something, or taken it'
	echo 'removed, and nothing stays'
}

# left lists what the Windows installers have put into wine.
left() {
	find "$WINEPREFIX/drive_c" -iname "*$name*"
	for root in HKCU HKLM; do
		wine reg query "$root\\Software" /s /f "$name" 2>/dev/null | grep -i '^HKEY' || true
	done
}

check_windows() {
	if ! command -v wine >/dev/null; then
		skipped+=('the Windows installers were not run: there is no wine')
		return
	fi
	say 'The setup and the .msi, in a wine'
	export WINEPREFIX=$scratch/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
	timeout 300 wineboot --init >/dev/null 2>&1
	timeout 120 wine "$(the '*-setup.exe')" /S
	[[ -n $(find "$WINEPREFIX/drive_c" -name "$name.exe") ]] || die 'the setup installs no program'
	wine reg query "HKCU\\Software\\Classes\\$name\\shell\\open\\command" | grep -q '%1' || die 'the setup registers no URL scheme'
	timeout 120 wine "$(find "$WINEPREFIX/drive_c" -name uninstall.exe)" /S
	# It copies itself and goes on after it has returned.
	for ((i = 0; i < 50; i++)); do
		[[ -n $(left) ]] || break
		sleep 0.2
	done
	[[ -z $(left) ]] || die "the uninstaller leaves: $(left)"
	echo 'the setup: installed, removed, and nothing stays'
	timeout 120 wine msiexec /i "$(the '*.msi')" /qn
	[[ -n $(find "$WINEPREFIX/drive_c" -name "$name.exe") ]] || die 'the .msi installs no program'
	timeout 120 wine msiexec /x "$(the '*.msi')" /qn
	if [[ -n $(find "$WINEPREFIX/drive_c" -name "$name.exe" -o -name "${name^}.lnk") ]]; then
		die 'the .msi leaves files'
	fi
	echo 'the .msi: installed, removed, and no file stays'
	skipped+=('the program was not run on Windows, nor in wine, which has no WebView2')
}

check_files
check_tarball
check_deb
check_windows
say 'All passed'
skipped+=('.rpm and .pkg.tar.zst were not installed: this is not their distribution'
	'nothing was run on a Mac')
printf 'not checked: %s\n' "${skipped[@]}"
