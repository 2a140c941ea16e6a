#!/usr/bin/env bash
# Checks the demo's installers. Runs the distributions' checkers on them, installs them, makes the
# installed program hash a file and the target of a URL and open more while it runs, removes them,
# and fails if anything is left behind. Does the same with an app created by casement new. Then
# builds installers that are signed with temporary keys, and verifies them.
#
#   build/check-dist.sh FOLDER
#
# The .deb is installed in a new Debian without headers and -dev packages, if this user may mount
# and mmdebstrap is available. The Windows installers run in a wine prefix of their own, if wine is
# available. The end of the output lists the checks that were skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dist=$(cd "$1" && pwd)
scratch=$(mktemp -d)
skipped=()

clean_up() {
	if [[ -d $scratch/wine ]]; then
		WINEPREFIX=$scratch/wine wineserver -k 2>/dev/null || true
	fi
	if [[ -d $scratch/gnupg ]]; then
		GNUPGHOME=$scratch/gnupg gpgconf --kill all || true
	fi
	rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT

say() { printf '\n== %s\n' "$*"; }

die() {
	printf 'check-dist: %s\n' "$*" >&2
	exit 1
}

# the prints the only file in the folder that matches $1.
the() {
	local -a files
	mapfile -t files < <(compgen -G "$dist/$1")
	[[ ${#files[@]} == 1 ]] || die "$dist contains ${#files[@]} files named $1, want one"
	echo "${files[0]}"
}

deb=$(the '*.deb')
rpm=$(the '*.rpm')
arch=$(the '*.pkg.tar.zst')
tarball=$(the '*.tar.gz')
name=$(dpkg-deb --field "$deb" Package)
new=newcomer # The name of the new app, and its scheme.

# expect fails unless the program, $2 and the rest, prints the SHA-256 of file $1.
expect() {
	local file=$1 want got
	shift
	want=$(sha256sum "$file" | cut -d ' ' -f 1)
	got=$("$@") || die "the program failed: $*"
	[[ $got == "sha256  $want  "* ]] || die "the program printed '$got', not the digest $want"
	echo "$got"
}

# check_lintian runs lintian on a .deb that was not built by Debian, with the options that casement
# dist uses.
check_lintian() {
	local tags=initial-upload-closes-no-bugs
	if [[ $(ar t "$1") == *_gpg* ]]; then
		tags+=,misplaced-extra-member-in-deb
	fi
	lintian --allow-root --fail-on error,warning --suppress-tags "$tags" "$1"
}

check_files() {
	say 'Checksums and the checkers of the distributions'
	(cd "$dist" && sha256sum --check --quiet SHA256SUMS)
	check_lintian "$deb"
	rpm -K --nosignature "$rpm"
	# tar must read to the end: it fails if its pipe closes early.
	tar --use-compress-program=unzstd -xOf "$arch" .PKGINFO >"$scratch/pkginfo"
	grep -qx "pkgname = $name" "$scratch/pkginfo" || die "the package for Arch has another name"
	mkdir "$scratch/deb"
	dpkg-deb --extract "$deb" "$scratch/deb"
	desktop-file-validate "$scratch"/deb/usr/share/applications/*.desktop
	appstreamcli validate --no-net "$scratch"/deb/usr/share/metainfo/*.xml
}

# open_demo makes the demo open two files while it runs. $@ is the command without its last
# arguments.
open_demo() {
	"$@" /etc/passwd 'passwd, hashed – Hasher' "$name:///etc/os-release" 'os-release, hashed – Hasher'
}

# open_new does the same with a new app, which shows everything that it opens.
open_new() {
	"$@" "$new:one?two" "$new:one?two – New App" /etc/passwd '/etc/passwd – New App'
}

check_tarball() {
	say 'The tarball, in a prefix of its own'
	mkdir "$scratch/prefix"
	tar -xzf "$tarball" -C "$scratch/prefix" --strip-components=1
	expect "$tarball" build/headless.sh "$scratch/prefix/bin/$name" --drive -- "$tarball"
	expect "$tarball" build/headless.sh "$scratch/prefix/bin/$name" --drive -- "$name://$tarball"
	open_demo build/headless.sh build/check-open.sh "$scratch/prefix/bin/$name"
	tar -tzf "$tarball" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' | while IFS= read -r file; do
		rm "$scratch/prefix/$file"
	done
	[[ -z $(find "$scratch/prefix" -type f) ]] || die "files left behind: $(find "$scratch/prefix" -type f)"
	echo 'removed, nothing left behind'
}

# everything lists the files in the Debian, without those of apt, dpkg and the current boot. It
# ignores the sizes of folders.
everything() {
	(cd "$scratch/root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./run -o -path ./root \
		-o -path ./var/log -o -path ./var/cache -o -path ./var/lib/dpkg -o -path ./var/lib/apt \) -prune \
		-o -type d -printf '%p\n' -o -printf '%p %y %s\n' | sort)
}

# in_debian runs a command in the Debian. Its mounts disappear when the command ends.
in_debian() {
	# shellcheck disable=SC2016 # The inner shell expands it.
	unshare --mount --propagation private bash -c '
		set -e
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		exec chroot "$@"
	' in_debian "$scratch/root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root "$@"
}

# make_debian creates a Debian without headers that contains the dependencies of the .deb files in
# the arguments.
make_debian() {
	local one
	local -a mirrors
	# Use the package sources of this machine.
	# shellcheck disable=SC2016 # The $ is apt's.
	mapfile -t mirrors < <(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' 'Component: main')
	mmdebstrap --quiet --variant=apt --skip=cleanup/apt/lists --aptopt='Acquire::Retries "3"' \
		--include=xvfb,xauth,xdotool,dbus-daemon,fonts-dejavu-core,desktop-file-utils \
		"$suite" "$scratch/root" "${mirrors[@]}"
	cp -L /etc/resolv.conf "$scratch/root/etc/"
	for one in "$@"; do
		in_debian apt-get -qq -o Dpkg::Use-Pty=0 satisfy --no-install-recommends -y \
			"$(dpkg-deb --field "$one" Depends)" >"$scratch/log" 2>&1 || die "cannot install the dependencies of $one: $(tail "$scratch/log")"
	done
	[[ -z $(find "$scratch/root/usr" -name 'libwebkit2gtk-4*.so') ]] || die 'the Debian contains headers of WebKitGTK'
	cp build/headless.sh build/check-open.sh "$@" "$scratch/root/root/"
	everything >"$scratch/before"
}

# known fails unless a line of the desktop's file $1 in the Debian matches $2.
known() {
	grep -q -- "$2" "$scratch/root/usr/share/$1" || die "the desktop's $1 has no line for $2"
}

# remove removes a package, and fails if anything is left behind.
remove() {
	in_debian dpkg --purge "$1" >/dev/null
	everything >"$scratch/after"
	diff "$scratch/before" "$scratch/after" || die "removing $1 left files behind, or removed others"
	echo 'removed, nothing left behind'
}

check_deb() {
	local suite other
	# shellcheck disable=SC1091 # It is the system's.
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	if ! unshare --mount true 2>/dev/null || ! command -v mmdebstrap >/dev/null ||
		[[ $suite != bookworm && $suite != trixie ]]; then
		skipped+=('installing the .deb: it needs root with the right to mount, and Debian 12 or 13 with mmdebstrap')
		return
	fi
	say "The .deb, in a $suite with nothing but its dependencies"
	other=$(compgen -G "$scratch/$new/build/dist/*.deb")
	make_debian "$deb" "$other"
	in_debian dpkg --install "/root/${deb##*/}" >/dev/null
	known applications/mimeinfo.cache "^x-scheme-handler/$name="
	known mime/globs2 ':application/vnd.example.hasher:'
	expect "$scratch/root/usr/bin/$name" in_debian /root/headless.sh "$name" --drive -- "/usr/bin/$name"
	expect "$scratch/root/usr/bin/$name" in_debian /root/headless.sh "$name" --drive -- "$name:///usr/bin/$name"
	open_demo in_debian /root/headless.sh /root/check-open.sh "$name"
	remove "$name"

	say 'The .deb of a new app'
	in_debian dpkg --install "/root/${other##*/}" >/dev/null
	known applications/mimeinfo.cache "^x-scheme-handler/$new=com.example.$new.desktop"
	known applications/mimeinfo.cache "^text/plain=com.example.$new.desktop"
	open_new in_debian /root/headless.sh /root/check-open.sh "$new"
	remove "$new"
}

# check_new creates an app and builds its installers without any changes.
check_new() {
	say 'A new app of casement new, and its tarball'
	go run ./cmd/casement new -name 'New App' "$scratch/$new"
	# The variables of this make must not reach the app's make.
	env -u MAKEFLAGS -u MAKELEVEL make -C "$scratch/$new" dist
	mkdir "$scratch/new-prefix"
	tar -xzf "$scratch/$new/build/dist/"*.tar.gz -C "$scratch/new-prefix" --strip-components=1
	open_new build/headless.sh build/check-open.sh "$scratch/new-prefix/bin/$new"
}

# check_signed builds installers signed with temporary keys, and verifies them with the tools that
# users have.
check_signed() {
	local file
	local -a members
	say 'Signatures'
	export GNUPGHOME=$scratch/gnupg CASEMENT_GPG_KEY=$scratch/key.asc CASEMENT_GPG_PASSPHRASE=secret
	export CASEMENT_CODESIGN_PFX=$scratch/code.pfx CASEMENT_CODESIGN_PASSWORD='it is secret'
	mkdir -m 700 "$GNUPGHOME"
	local -a gpg=(gpg --batch --quiet --pinentry-mode loopback --passphrase "$CASEMENT_GPG_PASSPHRASE")
	"${gpg[@]}" --quick-generate-key 'Nobody <nobody@example.com>' rsa3072 sign never
	"${gpg[@]}" --armor --export-secret-keys >"$CASEMENT_GPG_KEY"
	"${gpg[@]}" --armor --export >"$scratch/public.asc"
	openssl req -x509 -newkey rsa:3072 -nodes -subj /CN=Nobody -days 2 -addext extendedKeyUsage=codeSigning \
		-keyout "$scratch/code.key" -out "$scratch/code.pem" 2>/dev/null
	openssl pkcs12 -export -passout env:CASEMENT_CODESIGN_PASSWORD \
		-inkey "$scratch/code.key" -in "$scratch/code.pem" -out "$CASEMENT_CODESIGN_PFX"
	go run ./cmd/casement dist -formats deb,rpm,exe,setup,msi -o "$scratch/signed" ./cmd/app

	(cd "$scratch/signed" && gpg --quiet --verify SHA256SUMS.asc 2>/dev/null && sha256sum --check --quiet SHA256SUMS) ||
		die 'SHA256SUMS is not signed'
	for file in "$scratch"/signed/*; do
		case $file in
		*.deb)
			check_lintian "$file"
			# The signature covers all other members, concatenated.
			mapfile -t members < <(ar t "$file" | grep -v _gpg)
			ar p "$file" _gpgorigin >"$scratch/deb.sig"
			ar p "$file" "${members[@]}" | gpg --quiet --verify "$scratch/deb.sig" - 2>/dev/null ||
				die 'the .deb is not signed'
			;;
		*.rpm)
			rpm --dbpath "$scratch/rpmdb" --import "$scratch/public.asc"
			[[ $(rpm --dbpath "$scratch/rpmdb" -K "$file") == *': digests signatures OK' ]] || die 'the .rpm is not signed'
			;;
		*.exe | *.msi)
			osslsigncode verify -CAfile "$scratch/code.pem" -in "$file" >"$scratch/log" ||
				die "${file##*/} is not signed: $(tail "$scratch/log")"
			;;
		*) continue ;;
		esac
		echo "verified: ${file##*/}"
	done
	gpgconf --kill all
}

# left lists the files and registry keys of the Windows installers in wine.
left() {
	find "$WINEPREFIX/drive_c" -iname "*$name*"
	for root in HKCU HKLM; do
		wine reg query "$root\\Software" /s /f "$name" 2>/dev/null | grep -i '^HKEY' || true
	done
}

check_windows() {
	if ! command -v wine >/dev/null; then
		skipped+=('running the Windows installers: wine is not installed')
		return
	fi
	say 'The setup and the .msi, in wine'
	export WINEPREFIX=$scratch/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
	timeout 300 wineboot --init >/dev/null 2>&1
	timeout 120 wine "$(the '*-setup.exe')" /S
	[[ -n $(find "$WINEPREFIX/drive_c" -name "$name.exe") ]] || die 'the setup did not install the program'
	wine reg query "HKCU\\Software\\Classes\\$name\\shell\\open\\command" | grep -q '%1' || die 'the setup did not register the URL scheme'
	timeout 120 wine "$(find "$WINEPREFIX/drive_c" -name uninstall.exe)" /S
	# The uninstaller copies itself and goes on after it has returned.
	for ((i = 0; i < 50; i++)); do
		[[ -n $(left) ]] || break
		sleep 0.2
	done
	[[ -z $(left) ]] || die "the uninstaller left behind: $(left)"
	echo 'the setup: installed and removed, nothing left behind'
	timeout 120 wine msiexec /i "$(the '*.msi')" /qn
	[[ -n $(find "$WINEPREFIX/drive_c" -name "$name.exe") ]] || die 'the .msi did not install the program'
	timeout 120 wine msiexec /x "$(the '*.msi')" /qn
	if [[ -n $(find "$WINEPREFIX/drive_c" -name "$name.exe" -o -name "${name^}.lnk") ]]; then
		die 'the .msi left files behind'
	fi
	echo 'the .msi: installed and removed, no file left behind'
	skipped+=('running the program on Windows: wine has no WebView2')
}

check_files
check_tarball
check_new
check_deb
check_windows
check_signed
say 'All passed'
skipped+=('installing the .rpm and the .pkg.tar.zst: this is another distribution'
	'anything on a Mac')
printf 'not checked: %s\n' "${skipped[@]}"
