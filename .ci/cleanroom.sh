#!/usr/bin/env bash
# cleanroom.sh [COMMIT]: proves the two commands on a machine that has nothing. A fresh Debian 12 root file system
# (debootstrap; git, make and certificates are all it has), Go and Node copied in; then a stranger's steps: clone,
# `make run` twice, `make test`. Prints how long each took. Needs root, debootstrap and about 6 GB under $TMPDIR.
#
# CLEANROOM_KEEP=1 leaves the root file system; CLEANROOM_STEPS="run" leaves out `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."
commit=$(git rev-parse "${1:-HEAD}")
steps=${CLEANROOM_STEPS:-run test}
room=$(mktemp -d "${TMPDIR:-/tmp}/cleanroom.XXXXXX")

leave() {
	for _ in 1 2 3; do # what was started inside and is still there, and what that started meanwhile
		for pid in $(ls /proc | grep -E '^[0-9]+$'); do
			if [ "$(readlink "/proc/$pid/root" 2>/dev/null)" = "$room" ]; then kill -KILL "$pid" 2>/dev/null || true; fi
		done
		sleep 0.2
	done
	umount -l "$room/dev/shm" "$room/dev/pts" "$room/dev" "$room/sys" "$room/proc" 2>/dev/null || true
	[ -n "${CLEANROOM_KEEP:-}" ] || rm -rf --one-file-system "$room"
}
trap leave EXIT

chmod 755 "$room" # it becomes /, which every user of the room must be able to enter
since=$(date +%s)
debootstrap --variant=minbase --include=ca-certificates,git,make bookworm "$room" >"$room.log" 2>&1 || {
	tail -n 5 "$room.log"
	exit 1
}
rm -f "$room.log"
mount -t proc proc "$room/proc"
mount --rbind --make-rslave /sys "$room/sys" 2>/dev/null || true
mount --bind /dev "$room/dev"
mount -t devpts devpts "$room/dev/pts" 2>/dev/null || true
mkdir -p "$room/dev/shm" && mount -t tmpfs tmpfs "$room/dev/shm" 2>/dev/null || true
cp /etc/resolv.conf "$room/etc/resolv.conf"
cp /etc/hosts "$room/etc/hosts"
# A proxy between here and the registries has a certificate of its own; the room trusts what this machine trusts.
cp /etc/ssl/certs/ca-certificates.crt "$room/etc/ssl/certs/ca-certificates.crt"
[ ! -d /usr/local/share/ca-certificates ] || cp -r /usr/local/share/ca-certificates/. "$room/usr/local/share/ca-certificates/"

cp -r "$(go env GOROOT)" "$room/usr/local/go"
modules=$(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")") # …/lib/node_modules/npm/bin/npm-cli.js
mkdir -p "$room/usr/lib/node_modules"
cp "$(readlink -f "$(command -v node)")" "$room/usr/bin/node"
cp -r "$modules/npm" "$room/usr/lib/node_modules/npm"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$room/usr/bin/npm"
ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$room/usr/bin/npx"
git init -q --bare -b main "$room/studio.git"
git push -q "$room/studio.git" "$commit:refs/heads/main"
echo "clean room: debian $(cat "$room/etc/debian_version"), $(du -sm --one-file-system "$room" | cut -f1) MB, made in $(($(date +%s) - since)) s"

inside() { # inside COMMAND: as a stranger logs in, plus the certificate variables of this machine
	env -i HOME=/root PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb \
		$(env | grep -E '^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|PIP_CERT|GOPROXY|HTTPS?_PROXY|NO_PROXY)=' || true) \
		chroot "$room" bash -c "$1"
}
timed() { # timed NAME COMMAND
	local began=$(date +%s.%N)
	"${@:2}"
	printf '%-28s %7.1f s\n' "$1" "$(echo "$(date +%s.%N) $began" | awk '{print $1-$2}')" | tee -a "$room/times"
}
serves() { # make run until it prints the studio's address and the signed URL answers, then Ctrl-C
	rm -f "$room/run.out"
	inside 'cd /root/studio && setsid make run </dev/null >/run.out 2>&1 & echo $! >/run.pid; wait' &
	local waiter=$!
	for _ in $(seq 9000); do
		grep -q 'Ctrl-C stops both' "$room/run.out" 2>/dev/null && break
		kill -0 $waiter 2>/dev/null || { tail -n 30 "$room/run.out"; exit 1; }
		sleep 0.1
	done
	grep -q 'Ctrl-C stops both' "$room/run.out" || { tail -n 30 "$room/run.out"; exit 1; }
}
stops() {
	local url bytes
	url=$(sed -n 's/^ *A signed URL *//p' "$room/run.out")
	bytes=$(inside "node -e 'fetch(process.argv[1]).then(async r => { const b = await r.arrayBuffer(); console.log(r.status, r.headers.get(\"content-type\"), b.byteLength) })' '$url'")
	echo "  the printed sample URL answers: $bytes"
	case "$bytes" in "200 image/webp "*) ;; *) exit 1 ;; esac
	# Ctrl-C reaches the whole foreground group of a terminal.
	kill -INT -- "-$(ps -o pgid= -p "$(pgrep -f "deploy/local/run.sh" | head -n 1)" | tr -d ' ')"
	wait
}

timed "git clone" inside 'git clone -q /studio.git /root/studio'
case " $steps " in *" run "*)
	timed "make run (first), serving" serves
	timed "Ctrl-C to both stopped" stops
	timed "make run (second), serving" serves
	timed "Ctrl-C to both stopped" stops
	;;
esac
case " $steps " in *" test "*)
	timed "make test" inside 'cd /root/studio && make test </dev/null >/test.out 2>&1 || { tail -n 60 /test.out; exit 1; }; tail -n 3 /test.out'
	;;
esac
echo
echo "clean room at $commit:"
cat "$room/times"
