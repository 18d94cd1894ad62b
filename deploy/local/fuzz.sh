#!/usr/bin/env bash
# fuzz.sh: every fuzz target of the module for FUZZTIME (a minute). A finding is written to the package's testdata/fuzz,
# where `go test` replays it for ever.
set -euo pipefail
cd "$(dirname "$0")/../.."
time=${FUZZTIME:-60s}
failed=0 count=0
while IFS=: read -r file target; do
	dir=./$(dirname "$file")
	echo "== $dir $target"
	count=$((count + 1))
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$dir" || failed=$((failed + 1))
done < <(grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' edge control models | sed 's/func //' | sort)
echo "$((count - failed)) passed, $failed failed"
[ "$failed" = 0 ]
