"""The calibration set: 96 pictures of the training pack, listed in calibration.csv with their digests.

Half are pictures as they are, half people cut out and put into scenes, as the nets meet both. They were chosen by the digest of
their names: nobody looked at them, and nothing of the dev split is in the pack. python calibrate.py PACK writes the list where
there is none.
"""

import csv
import hashlib
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "evaluation"))
import detector  # noqa: E402
import face  # noqa: E402
import matte  # noqa: E402  (with it models/training is on the path)
import packfile  # noqa: E402

LIST = os.path.join(HERE, "calibration.csv")
EACH = 48  # pictures as they are, and as many composites


def digest(pack, entry):
    """SHA-256 of an entry's picture as it lies in the pack."""
    return hashlib.sha256(pack.blob(entry, "picture")).hexdigest()


class Pack(packfile.Pack):
    """A pack whose blobs can also be had as they lie in it, for their digests."""

    def blob(self, entry, name):
        at, size = entry[name]
        return self._map[self._base + at : self._base + at + size]


def choose(pack):
    """Lines of the list: picture, sha256, scene, scene_sha256; the scene is empty for a picture as it is."""
    by_digest = lambda e: hashlib.sha256(e["name"].encode()).hexdigest()
    faced = lambda *kinds: sorted((e for e in pack.of(*kinds) if e["face"]), key=by_digest)[:EACH]
    scenes = sorted(pack.of("scene"), key=by_digest)
    lines = [["picture", "sha256", "scene", "scene_sha256"]]
    lines += [[e["name"], digest(pack, e), "", ""] for e in faced("matte", "sure")]
    lines += [[e["name"], digest(pack, e), s["name"], digest(pack, s)] for e, s in zip(faced("cut"), scenes)]
    return lines


def samples(pack, path=LIST):
    """Yields (picture uint8 [h, w, 3] BGR, five points float32 [5, 2]) of the list; a picture that is missing from the pack or
    not the one that was listed is an error."""
    by_name = {e["name"]: e for e in pack.entries}
    with open(path, newline="") as f:
        rows = list(csv.DictReader(f))
    for row in rows:
        for name, wanted in ((row["picture"], row["sha256"]), (row["scene"], row["scene_sha256"])):
            if name and (name not in by_name or digest(pack, by_name[name]) != wanted):
                sys.exit(f"{name} is not in the pack as {os.path.basename(path)} lists it")
        entry = by_name[row["picture"]]
        picture, five = pack.read(entry, "picture"), np.float32(entry["face"]["points"])
        if row["scene"]:
            scene = pack.read(by_name[row["scene"]], "picture")
            picture, _, m = matte.into_scene(matte.seeded(entry["name"]), picture, pack.read(entry, "alpha"), five, scene)
            five = five @ m[:, :2].T + m[:, 2]
        yield picture, five


def inputs(task, pack, path=LIST):
    """Yields the inputs of a net for a task, float32 [1, 3, side, side], as the edge would make them."""
    for picture, five in samples(pack, path):
        if task == "matte":
            yield matte.tensor(picture, matte.SIDE)
        elif task == "face":
            yield face.tensor(face.crop(picture, five)[0])
        else:
            yield detector.letterbox(picture)[0]


def main():
    lines = choose(Pack(sys.argv[1]))
    if os.path.exists(LIST):
        with open(LIST, newline="") as f:
            same = list(csv.reader(f)) == lines
        sys.exit(None if same else f"{LIST} is there and lists others: the set is not changed in passing")
    with open(LIST, "w", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows(lines)


if __name__ == "__main__":
    main()
