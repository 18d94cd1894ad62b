#!/usr/bin/env bash
# install.sh build|test|bench: Debian packages that the target needs and this machine lacks. Asks before apt-get when a
# person is at the terminal, goes on when nobody is, and says what to install by hand where it may not.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${1:?install.sh build|test|bench}
packages=()
want() { # want PACKAGE TEST…: the test tells, without dpkg, whether it is here (another distribution may have it too)
	local package=$1
	shift
	"$@" >/dev/null 2>&1 || packages+=("$package")
}

for tool in go node npm; do
	command -v "$tool" >/dev/null || {
		echo "$tool is missing: install Go 1.26 or newer (go.dev/dl) and Node 20 or newer (nodejs.org), then run this again." >&2
		exit 1
	}
done

want gcc command -v gcc
want libc6-dev test -e /usr/include/stdio.h
want pkg-config command -v pkg-config
want libvips-dev pkg-config --atleast-version=8.14 vips
want libjpeg-dev pkg-config --exists libjpeg
want git command -v git
want ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
if [ "$target" = test ]; then
	want postgresql test -n "$(ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null || command -v postgres)"
	want chromium command -v chromium
	want file command -v file
	want fonts-dejavu-core test -n "$(ls -d /usr/share/fonts/*/* 2>/dev/null)"
	want prometheus command -v promtool
	want python3-venv python3 -c 'import ensurepip, venv'
	want procps command -v ps
	want poppler-utils command -v pdftoppm
fi
if [ "$target" = bench ]; then
	want procps command -v ps
fi
[ ${#packages[@]} -eq 0 ] && exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	sudo=sudo
fi
if ! command -v apt-get >/dev/null || { [ -n "$sudo" ] && ! command -v sudo >/dev/null; }; then
	echo "These are missing and cannot be installed from here (no apt-get, or no right to use it):" >&2
	echo "  ${packages[*]}" >&2
	echo "Install them by hand (Debian's names; other distributions have the same under similar ones), then run this again." >&2
	exit 1
fi
echo "make $target needs: ${packages[*]}"
if [ -t 0 ] && [ -z "${CI:-}" ]; then
	read -r -p "Install with ${sudo:+$sudo }apt-get? [Y/n] " answer
	case "${answer:-y}" in
	[yY]*) ;;
	*)
		echo "Not installed. By hand: ${sudo:+$sudo }apt-get install --no-install-recommends ${packages[*]}" >&2
		exit 1
		;;
	esac
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $sudo apt-get update -q && $sudo apt-get install -q -y --no-install-recommends "${packages[@]}"; } </dev/null >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "apt-get failed; by hand: ${sudo:+$sudo }apt-get install --no-install-recommends ${packages[*]}" >&2
	exit 1
fi
