#!/usr/bin/env bash
# onnxruntime.sh OUT: the shared library that an edge loads, for this machine, as the file OUT. It comes by name from npm, whose
# package has the CPU build for both machines; of its 100 MB only the library is kept, in .cache, so that a second call needs no
# network. What was fetched and what is kept must each have the digest that stands here.
set -euo pipefail

version=1.27.0
package=404cc6c2bbcd060bf8b8f55d9db1ec3861b81ba4fdea676570523c68028f8cc53cc0e3e956870f5dbea4dd01a46996a0553bf61bd0679dba3a67725d5ebd5f43 # SHA-512: npm's "integrity", in hex
case "$(uname -s) $(uname -m)" in
'Linux x86_64') machine=x64 library=d8aff4aa8abee8fb2abb2f2f2459ffc94461e781e41b9f7c072829dd0d470221 ;;
'Linux aarch64') machine=arm64 library=c36bc200e7e6c093b8abb0b34590fbdd8c52fd3fb5e33795b9523ffdde2fce0f ;;
*)
	echo "There is no ONNX Runtime for $(uname -s) on $(uname -m) here: an edge runs on Linux, x86_64 or aarch64." >&2
	exit 1
	;;
esac

out=${1:?onnxruntime.sh OUT}
cache=$(cd "$(dirname "$0")/../.." && pwd)/.cache/onnxruntime
kept=$cache/libonnxruntime-$version-$machine.so
whole() { [ -f "$1" ] && echo "$library  $1" | sha256sum --check --quiet --status 2>/dev/null; }

if ! whole "$kept"; then
	mkdir -p "$cache"
	fetched=$(mktemp -d "$cache/fetch.XXXXXX")
	trap 'rm -rf "$fetched"' EXIT
	echo "Fetching ONNX Runtime $version (100 MB, once)."
	(cd "$fetched" && npm pack --loglevel=error --ignore-scripts "onnxruntime-node@$version" >/dev/null) || {
		echo "npm could not fetch onnxruntime-node@$version. With the library at hand, put it at $kept and run this again." >&2
		exit 1
	}
	file=$fetched/onnxruntime-node-$version.tgz
	echo "$package  $file" | sha512sum --check --quiet --status || {
		echo "onnxruntime-node@$version is not the package that this script knows." >&2
		exit 1
	}
	tar -xzf "$file" -C "$fetched" --strip-components=5 "package/bin/napi-v6/linux/$machine/libonnxruntime.so.1"
	whole "$fetched/libonnxruntime.so.1" || {
		echo "The library in onnxruntime-node@$version is not the one that this script knows." >&2
		exit 1
	}
	mv "$fetched/libonnxruntime.so.1" "$kept"
fi
mkdir -p "$(dirname "$out")"
# Put in place whole: a program that runs may have the old one mapped.
cp "$kept" "$out.new"
chmod 0644 "$out.new"
mv "$out.new" "$out"
