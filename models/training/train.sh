#!/usr/bin/env bash
# train.sh DATA OUT [MINUTES]: the three nets, one after another, from random weights; MINUTES are the matte's, the face gets
# a half of them and the detector a third. What was interrupted goes on where it stopped; what is done is not done again.
set -euo pipefail
data=$(realpath "$1") out=$(realpath -m "$2") minutes=${3:-300}
cd "$(dirname "$0")"
mkdir -p "$out"
[ -s "$out/pack.bin" ] || python pack.py "$data" "$out/pack.bin"
[ -s "$out/faces.npz" ] || python label_faces.py "$data" "$out/pack.bin" "$out/faces.npz"

train() { # train FOLDER MINUTES SCRIPT ARGUMENTS…
	local folder=$out/$1 time=$2 script=$3
	shift 3
	if [ -e "$folder/done" ]; then
		return
	fi
	local resume=()
	[ ! -e "$folder/last.pt" ] || resume=(--resume)
	python "$script" "$@" "$folder" --minutes "$time" "${resume[@]}"
	touch "$folder/done"
}
train detector $((minutes / 3)) train_detector.py "$out/pack.bin"
train face $((minutes / 2)) train_face.py "$out/pack.bin" "$out/faces.npz"
train matte "$minutes" train_matte.py "$out/pack.bin"
echo "Averaged weights: $out/{detector,face,matte}/kept.pt"
