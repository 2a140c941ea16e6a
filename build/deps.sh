#!/usr/bin/env bash
# Installs the missing system packages that Casement needs. With --check it installs nothing: it
# lists the missing packages and fails if there are any.
#
#   build/deps.sh [--check] [GROUP...]
#
#   build    compile: C++ compiler, pkg-config, GTK 3 and WebKitGTK headers   (the default)
#   run      open windows without a display: Xvfb, D-Bus, a font, ImageMagick
#   test     drive and inspect windows, lint shell scripts, the other WebKitGTK
#   windows  cross-compile for Windows: mingw-w64
#   dist     build and check installers: WebKitGTK 4.1, NSIS, msitools, the distributions' checkers
#   wine     run the Windows installers, if the distribution has wine
#   peers    build Tauri for make bench-peers, with cargo: WebKitGTK 4.1
#
# Go and Node.js are checked, not installed. Verified with apt on Debian 12. The lists for dnf,
# pacman and zypper come from those distributions' package lists and were never run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

NODE_VERSION=20.19

say() { printf 'deps: %s\n' "$*" >&2; }

die() {
	say "$@"
	exit 1
}

# needs prints one line for each need of group $1: the check, then the packages for apt, dnf, pacman
# and zypper. A check is cmd:NAME, pc:MODULE, webkit (either version) or font. "A|B" means the first
# one that the distribution has. A leading ? marks a package that is skipped if the distribution
# does not have it.
needs() {
	case $1 in
	build)
		cat <<-'END'
			cmd:make        make                 make                  make            make
			cmd:g++         g++                  gcc-c++               gcc             gcc-c++
			cmd:pkg-config  pkg-config           pkgconf-pkg-config    pkgconf         pkgconf-pkg-config
			pc:gtk+-3.0     libgtk-3-dev         gtk3-devel            gtk3            gtk3-devel
			webkit          libwebkit2gtk-4.0-dev|libwebkit2gtk-4.1-dev  webkit2gtk4.1-devel  webkit2gtk-4.1  pkgconfig(webkit2gtk-4.1)
		END
		;;
	run)
		cat <<-'END'
			cmd:Xvfb              xvfb              xorg-x11-server-Xvfb  xorg-server-xvfb  xorg-x11-server-Xvfb
			cmd:xvfb-run          xvfb              xorg-x11-server-Xvfb  xorg-server-xvfb  xvfb-run
			cmd:xauth             xauth             xorg-x11-xauth        xorg-xauth        xauth
			cmd:dbus-run-session  dbus-daemon|dbus  dbus-daemon           dbus              dbus-1-daemon
			cmd:import            imagemagick       ImageMagick           imagemagick       ImageMagick
			font                  fonts-dejavu-core dejavu-sans-fonts     ttf-dejavu        dejavu-fonts
		END
		;;
	test)
		cat <<-'END'
			cmd:xdotool     xdotool     xdotool     xdotool        xdotool
			cmd:wmctrl      wmctrl      wmctrl      wmctrl         wmctrl
			cmd:openbox     openbox     openbox     openbox        openbox
			cmd:xprop       x11-utils   xprop       xorg-xprop     xprop
			cmd:xwininfo    x11-utils   xwininfo    xorg-xwininfo  xwininfo
			cmd:shellcheck  shellcheck  ShellCheck  shellcheck     ShellCheck
			pc:webkit2gtk-4.1  ?libwebkit2gtk-4.1-dev  ?webkit2gtk4.1-devel  ?webkit2gtk-4.1  ?pkgconfig(webkit2gtk-4.1)
			pc:webkit2gtk-4.0  ?libwebkit2gtk-4.0-dev  ?-                    ?-               ?-
		END
		;;
	windows)
		cat <<-'END'
			mingw  g++-mingw-w64-x86-64-win32  mingw64-gcc-c++  mingw-w64-gcc  mingw64-cross-gcc-c++
		END
		;;
	dist)
		cat <<-'END'
			pc:webkit2gtk-4.1          libwebkit2gtk-4.1-dev  webkit2gtk4.1-devel  webkit2gtk-4.1      pkgconfig(webkit2gtk-4.1)
			cmd:dpkg-shlibdeps         dpkg-dev               dpkg-dev             dpkg                dpkg
			cmd:lintian                lintian                ?lintian             ?lintian            ?lintian
			cmd:rpm                    rpm                    rpm                  ?rpm-tools          rpm
			cmd:desktop-file-validate  desktop-file-utils     desktop-file-utils   desktop-file-utils  desktop-file-utils
			cmd:appstreamcli           appstream              appstream            appstream           AppStream
			cmd:makensis               nsis                   ?mingw32-nsis        ?nsis               ?mingw64-cross-nsis
			cmd:wixl                   wixl                   ?msitools            ?msitools           ?msitools
			cmd:msiinfo                msitools               ?msitools            ?msitools           ?msitools
			cmd:osslsigncode           osslsigncode           osslsigncode         ?osslsigncode       ?osslsigncode
			cmd:mmdebstrap             mmdebstrap             ?-                   ?-                  ?-
			cmd:gpg                    gpg                    gnupg2               gnupg               gpg2
			cmd:gpg-agent              gpg-agent              gnupg2               gnupg               gpg2
			cmd:openssl                openssl                openssl              openssl             openssl
			cmd:unzstd                 zstd                   zstd                 zstd                zstd
			cmd:ar                     binutils               binutils             binutils            binutils
		END
		;;
	wine)
		cat <<-'END'
			cmd:wine  ?wine  ?wine-core  ?wine  ?wine
		END
		;;
	peers)
		cat <<-'END'
			pc:webkit2gtk-4.1  libwebkit2gtk-4.1-dev  webkit2gtk4.1-devel  webkit2gtk-4.1  pkgconfig(webkit2gtk-4.1)
		END
		;;
	*)
		die "unknown group '$1'; the groups are build, run, test, windows, dist, wine and peers"
		;;
	esac
}

satisfied() {
	case $1 in
	cmd:*) command -v "${1#cmd:}" >/dev/null ;;
	pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
	webkit) satisfied pc:webkit2gtk-4.0 || satisfied pc:webkit2gtk-4.1 ;;
	font) [[ -n $(fc-list 2>/dev/null | head -n 1) ]] ;;
	mingw) satisfied cmd:x86_64-w64-mingw32-g++-win32 || satisfied cmd:x86_64-w64-mingw32-g++ ;;
	esac
}

# missing prints "check package" for each unmet need of the groups.
missing() {
	local group check apt dnf pacman zypper
	# shellcheck disable=SC2034 # ${!manager} reads one of them.
	for group in "$@"; do
		while read -r check apt dnf pacman zypper; do
			if ! satisfied "$check"; then
				printf '%s %s\n' "$check" "${!manager}"
			fi
		done < <(needs "$group")
	done
}

# offered reports whether the distribution has package $1, according to the local package lists.
offered() {
	case $manager in
	apt) [[ $(apt-cache policy "$1" 2>/dev/null) == *Candidate:\ [0-9]* ]] ;;
	dnf) [[ $1 != - ]] && dnf -q list "$1" >/dev/null 2>&1 ;;
	pacman) [[ $1 != - ]] && pacman -Si "$1" >/dev/null 2>&1 ;;
	zypper) [[ $1 != - ]] && zypper -nq search -x --provides "$1" >/dev/null 2>&1 ;;
	esac
}

# pick reads lines of missing and prints the packages to install, without duplicates.
pick() {
	local package alternative alternatives
	while read -r _ package; do
		if [[ $package == \?* ]]; then
			if offered "${package#\?}"; then
				echo "${package#\?}"
			fi
			continue
		fi
		IFS='|' read -ra alternatives <<<"$package"
		package=${alternatives[0]}
		for alternative in "${alternatives[@]}"; do
			if offered "$alternative"; then
				package=$alternative
				break
			fi
		done
		echo "$package"
	done | sort -u
}

as_root() {
	if ((EUID == 0)); then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "this needs root, and sudo is not installed; run as root: $*"
	fi
}

refresh() {
	case $manager in
	apt) as_root apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 update ;;
	pacman) as_root pacman -Sy --noconfirm ;;
	dnf | zypper) ;; # Both refresh automatically.
	esac
}

install_packages() {
	case $manager in
	apt)
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
			-o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
			install --no-install-recommends "$@"
		;;
	dnf) as_root dnf -y --setopt=install_weak_deps=False install "$@" ;;
	pacman) as_root pacman -S --needed --noconfirm "$@" ;;
	zypper) as_root zypper -n install --no-recommends "$@" ;;
	esac
}

# at_least compares two dotted versions.
at_least() {
	[[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

check_prerequisites() {
	local want have failed=0
	want=$(awk '$1 == "go" { print $2 }' go.mod)
	have=$(go env GOVERSION 2>/dev/null || true)
	have=${have#go}
	have=${have%% *}
	if [[ -z $have ]]; then
		say "Go is not installed: Casement needs $want or later, from go.dev/dl"
		failed=1
	elif ! at_least "$have" "$want"; then
		say "Go $have is too old: Casement needs $want or later, from go.dev/dl"
		failed=1
	fi
	have=$(node --version 2>/dev/null || true)
	have=${have#v}
	if [[ -z $have ]]; then
		say "Node.js is not installed: Casement needs $NODE_VERSION or later, from nodejs.org"
		failed=1
	elif ! at_least "$have" "$NODE_VERSION"; then
		say "Node.js $have is too old: Casement needs $NODE_VERSION or later, from nodejs.org"
		failed=1
	elif ! command -v npm >/dev/null; then
		say "npm is not installed: it comes with Node.js, or in a package of that name"
		failed=1
	fi
	return $failed
}

find_manager() {
	local name program
	for name in apt dnf pacman zypper; do
		program=${name/#apt/apt-get}
		if command -v "$program" >/dev/null; then
			echo "$name"
			return
		fi
	done
}

main() {
	local manager lines still check=
	local -a packages
	if [[ ${1-} == --check ]]; then
		check=yes
		shift
	fi
	(($#)) || set -- build
	for group in "$@"; do
		needs "$group" >/dev/null
	done
	check_prerequisites || exit 1

	manager=$(find_manager)
	if [[ -z $manager ]]; then
		manager=apt # Debian's package names are the best known.
		lines=$(missing "$@" | grep -v ' ?' || true)
		[[ -z $lines ]] && return
		die "found no apt, dnf, pacman or zypper; please install the contents of these Debian packages:" \
			"$(awk '{ print $2 }' <<<"$lines" | sort -u | paste -sd ' ')"
	fi

	lines=$(missing "$@")
	[[ -z $lines ]] && return
	if [[ $lines != *" "[!?]* ]]; then
		# Only packages that the distribution may not have are missing: not worth a refresh.
		[[ -z $(pick <<<"$lines") ]] && return
	fi
	if [[ -n $check ]]; then
		mapfile -t packages < <(pick <<<"$lines")
		say "missing: ${packages[*]}"
		die "run this to install them: make deps FOR=\"$*\""
	fi
	if [[ $manager != apt ]]; then
		say "the package list for $manager is unverified; please report errors in it"
	fi
	refresh >&2 || say "cannot refresh the package lists; using the local ones"
	mapfile -t packages < <(pick <<<"$lines")
	((${#packages[@]})) || return 0
	say "installing with $manager: ${packages[*]}"
	install_packages "${packages[@]}" >&2 ||
		die "the installation failed; check the network and the package sources"

	still=$(missing "$@" | grep -v ' ?' || true)
	[[ -z $still ]] || die "installed, but still missing: $(awk '{ print $1 }' <<<"$still" | paste -sd ' ')"
}

main "$@"
