#!/usr/bin/env bash
# Builds a disk image from the .zip that casement dist built on a Mac. Signs and notarizes the app
# in it if the environment names the credentials. Needs a Mac with Xcode's command line tools.
# Nobody has run this script yet.
#
#   build/macos.sh APP.zip
#
#   CASEMENT_MAC_IDENTITY   a certificate in the keychain, such as "Developer ID Application: Ann (TEAMID)"
#   CASEMENT_MAC_PROFILE    the profile name given to "xcrun notarytool store-credentials"
set -euo pipefail

die() {
	printf 'macos: %s\n' "$*" >&2
	exit 1
}

[[ $# == 1 && -f $1 && $1 == *.zip ]] || die 'usage: build/macos.sh APP.zip'
[[ $(uname) == Darwin ]] || die 'run this on a Mac: it needs codesign, hdiutil and notarytool'
if [[ -n ${CASEMENT_MAC_PROFILE-} && -z ${CASEMENT_MAC_IDENTITY-} ]]; then
	die 'CASEMENT_MAC_PROFILE: only a signed app can be notarized; set CASEMENT_MAC_IDENTITY too'
fi

image=${1%.zip}.dmg
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/volume"
ditto -x -k "$1" "$scratch/volume"
apps=("$scratch/volume/"*.app)
app=${apps[0]}
[[ -d $app ]] || die "$1 contains no .app"
name=$(basename "$app" .app)

if [[ -n ${CASEMENT_MAC_IDENTITY-} ]]; then
	codesign --force --timestamp --options runtime --sign "$CASEMENT_MAC_IDENTITY" "$app"
	codesign --verify --strict --verbose=2 "$app"
fi
if [[ -n ${CASEMENT_MAC_PROFILE-} ]]; then
	ditto -c -k --keepParent "$app" "$scratch/app.zip"
	xcrun notarytool submit "$scratch/app.zip" --keychain-profile "$CASEMENT_MAC_PROFILE" --wait
	xcrun stapler staple "$app"
fi

ln -s /Applications "$scratch/volume/Applications"
hdiutil create -quiet -volname "$name" -srcfolder "$scratch/volume" -fs HFS+ -format UDZO "$scratch/image.dmg"
if [[ -n ${CASEMENT_MAC_IDENTITY-} ]]; then
	codesign --timestamp --sign "$CASEMENT_MAC_IDENTITY" "$scratch/image.dmg"
fi
if [[ -n ${CASEMENT_MAC_PROFILE-} ]]; then
	xcrun notarytool submit "$scratch/image.dmg" --keychain-profile "$CASEMENT_MAC_PROFILE" --wait
	xcrun stapler staple "$scratch/image.dmg"
fi
# Only a finished image gets this name.
mv "$scratch/image.dmg" "$image"
echo "$image"
