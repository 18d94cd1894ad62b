#!/usr/bin/env bash
# bench.sh: figures on this machine, beside those of the tools that can be installed by name. Nothing here passes or fails.
set -euo pipefail
cd "$(dirname "$0")/../.."

# imagor 1.5.0 does not compile against Debian 12's libvips 8.14 (its binding needs VipsForeignKeep of 8.15), so the last
# release that does stands in where the libvips is older.
imagor=1.5.0
pkg-config --atleast-version=8.15 vips || imagor=1.4.16
program=$PWD/.cache/bin/imagor-$imagor
if [ ! -x "$program" ]; then
	echo "Building imagor $imagor to compare with."
	there=$(mktemp -d)
	if GOBIN=$there go install "github.com/cshum/imagor/cmd/imagor@v$imagor" >"$there/log" 2>&1; then
		mkdir -p .cache/bin && mv "$there/imagor" "$program"
	else
		tail -n 3 "$there/log"
		echo "imagor could not be built: its rows are missing."
	fi
	rm -rf "$there"
fi

echo "== contract and mechanisms"
go test -run '^$' -bench . -benchtime 1s ./edge/wire ./edge/auth ./edge/admission ./edge/metering ./edge/fetch | grep -E '^(Benchmark|pkg|cpu)'
echo "== the two jobs in process, beside plain C on the same libvips"
go test -run '^$' -bench 'JPEG12MP|WebP2MP' -count 3 ./edge/transform | grep -E '^(Benchmark|cpu)'
echo "== a document photo"
go test -run '^$' -bench . ./edge/portrait ./edge/vips | grep -E '^Benchmark'
echo "== running programs: the edge, imagor, plain C"
BENCH_IMAGOR=$program go test -tags bench -timeout 30m -run TestPeers -v ./edge/transform
