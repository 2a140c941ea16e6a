#!/usr/bin/env bash
# Makes a disk image of the .zip that casement dist has made on a Mac, and signs and notarizes the app in it
# if the environment says by what. To be run on a Mac with Xcode's command line tools; nobody has done so yet.
#
#   build/macos.sh APP.zip
#
#   CASEMENT_MAC_IDENTITY   a certificate in the keychain, such as "Developer ID Application: Ann (TEAMID)"
#   CASEMENT_MAC_PROFILE    what "xcrun notarytool store-credentials" has stored the account as
set -euo pipefail

die() {
	printf 'macos: %s\n' "$*" >&2
	exit 1
}

[[ $# == 1 && -f $1 && $1 == *.zip ]] || die 'usage: build/macos.sh APP.zip'
[[ $(uname) == Darwin ]] || die 'codesign, hdiutil and notarytool are on a Mac only'
if [[ -n ${CASEMENT_MAC_PROFILE-} && -z ${CASEMENT_MAC_IDENTITY-} ]]; then
	die 'CASEMENT_MAC_PROFILE: only what is signed can be notarized; set CASEMENT_MAC_IDENTITY as well'
fi

image=${1%.zip}.dmg
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/volume"
ditto -x -k "$1" "$scratch/volume"
apps=("$scratch/volume/"*.app)
app=${apps[0]}
[[ -d $app ]] || die "there is no .app in $1"
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
# Nothing that is half made takes this name.
mv "$scratch/image.dmg" "$image"
echo "$image"
