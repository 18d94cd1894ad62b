#!/usr/bin/env bash
# run.sh: control and one edge on this machine, with built-in defaults. `make run` builds first. Ctrl-C stops both.
# What it keeps (database, node token, the key of the sample URL) is under the state directory, readable by you alone.
set -euo pipefail
cd "$(dirname "$0")/../.."

state=${STATE_DIRECTORY:-${XDG_STATE_HOME:-$HOME/.local/state}/studio}
mkdir -p "$state/run"
chmod 700 "$state" "$state/run"
export STATE_DIRECTORY=$state
control_port=${CONTROL_LISTEN:-:8080}
edge_port=${EDGE_LISTEN:-:8081}
control=http://127.0.0.1:${control_port##*:}
edge=http://127.0.0.1:${edge_port##*:}
export CONTROL_URL=${CONTROL_URL:-$control}

pids=()
stop() {
	trap '' INT TERM
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do kill -TERM "${pids[i]}" 2>/dev/null || true; done
	wait "${pids[@]}" 2>/dev/null || true
	exit "${1:-0}"
}
trap 'echo; echo "Stopping."; stop 0' INT TERM

for port in "${control_port##*:}" "${edge_port##*:}"; do
	if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
		echo "Something listens on port $port already; stop it, or set CONTROL_LISTEN and EDGE_LISTEN (e.g. CONTROL_LISTEN=:9001 make run)." >&2
		exit 1
	fi
done

await() { # await NAME URL PID LOG
	for _ in $(seq 300); do
		if (exec 3<>"/dev/tcp/127.0.0.1/${2##*:}") 2>/dev/null; then return 0; fi
		if ! kill -0 "$3" 2>/dev/null; then
			echo "$1 did not start:" >&2
			tail -n 20 "$4" >&2
			stop 1
		fi
		sleep 0.1
	done
	echo "$1 did not open $2 within 30 s:" >&2
	tail -n 20 "$4" >&2
	stop 1
}

setsid bin/control serve >"$state/run/control.log" 2>&1 &
pids+=($!)
await control "$control" $! "$state/run/control.log"

# One node token and one key for the sample URL, made once.
[ -s "$state/run/node-token" ] || (umask 077 && bin/control node local >"$state/run/node-token")
[ -s "$state/run/sample-key" ] || (umask 077 && echo "sample:$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n'):$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')" >"$state/run/sample-key")

EDGE_NODE_TOKEN=$(cat "$state/run/node-token")
EDGE_KEYS=$(cat "$state/run/sample-key")${EDGE_KEYS:+,$EDGE_KEYS}
export EDGE_NODE_TOKEN EDGE_KEYS
export EDGE_CONTROL_URL=${EDGE_CONTROL_URL:-$control}
export EDGE_ORIGINS=${EDGE_ORIGINS:-$control,http://localhost:${control##*:}}
export EDGE_SOURCE_CIDRS=${EDGE_SOURCE_CIDRS:-127.0.0.0/8,::1/128}
export EDGE_DRAIN=${EDGE_DRAIN:-2s} # nothing stands before this edge that must first notice its going
setsid bin/edge serve >"$state/run/edge.log" 2>&1 &
pids+=($!)
await edge "$edge" $! "$state/run/edge.log"

sample=$(bin/edge sign -key sample -base "$edge" rs:fill:300:300/g:no/f:webp "$control/samples/portrait.jpg")
cat <<TEXT

  Studio        $control/studio
  Website       $control/            (sign in, make a key, see usage: $control/console)
  Edge          $edge/            (API: $edge/docs)
  A signed URL  $sample

  Logs and data: $state
  Ctrl-C stops both.

TEXT
wait -n "${pids[@]}" || true
echo "One of the two has ended; its last lines:" >&2
tail -n 5 "$state/run/control.log" "$state/run/edge.log" >&2
stop 1
