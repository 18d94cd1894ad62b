"""Chooses where a score becomes a yes, and writes it into the manifest: python thresholds.py DATA [NET ...] [--try]

On training pictures, never on the dev split: the fifth of the train split whose names' digests say so. (The trainers do not leave
that fifth out, so its scores are a little better than a stranger's.)

The detector: the smallest score in steps of .01 at which at most 5 in 1000 noes are called a face. A missed face stops a person,
a false one only costs a question, so it is as low as it may be. A property of a face: of the scores at which at most 20 in 1000
noes are called yes, the one with the fewest mistakes, false accepts per no and false rejects per yes together; where a range is
equally good, its middle. Under FEW examples of either kind there is nothing to choose: .5 stays.

Noes and yeses are those of face.labels (what was seen by eye, for mouth and smile the teacher where it is sure); a closed eye is
drawn on half of the faces, because the pack has too few. For the detector a yes is the best score at a face that YuNet sees, a no
the best score anywhere else, in portraits and in scenes and their quarters.
"""

import argparse
import csv
import hashlib
import os

import cv2
import numpy as np

import detector
import dev
import evaluate
import face
import manifest
import measures
import points
import teachers
import faces

FALSE = {"face": 0.02, "detector": 0.005}
FEW = 5
SHUT = (0.8, 1.0)  # how far a drawn lid is pulled down


class Held(dev.Split):
    """The held fifth of the train split; as dev.Split, but it is never scored."""

    def __init__(self, data):
        self.data, self.teacher, self.tags = data, dev.teacher(data), dev.tags(data)
        self.faces, self._worn, self._groups = dev.pack.faces(data), dev.worn(), {}
        with open(os.path.join(data, "INDEX.csv"), newline="") as f:
            self.rows = [r for r in csv.DictReader(f) if r["split"] == "train" and held(r["file"])]


def held(name):
    """Whether a picture belongs to the fifth."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 5 == 0


def choose(noes, yeses, most, smallest=False):
    """The threshold for scores of noes and yeses as the rules above say; None where there are too few."""
    if min(len(noes), len(yeses)) < FEW:
        return None
    grid = np.arange(5, 96) / 100
    scores, labels = np.concatenate([noes, yeses]), np.arange(len(noes) + len(yeses)) >= len(noes)
    counts = [measures.mistakes(scores, labels, t) for t in grid]
    accepts = np.array([c[0] / c[1] for c in counts])
    wrong = accepts + np.array([c[2] / c[3] for c in counts])
    allowed = accepts <= most
    if not allowed.any():
        return float(grid[-1])
    if smallest:
        return float(grid[allowed.argmax()])
    best = np.flatnonzero(allowed & (wrong <= wrong[allowed].min() + 1e-12))
    runs = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)
    run = max(runs, key=len)
    return float(grid[(run[0] + run[-1]) // 2])


def of_face(split, path):
    """{threshold: (scores of noes, scores of yeses)}."""
    net, mesh = face.Net(path), teachers.Mesh(os.path.join(split.data, "weights"))
    scores = {name: ([], []) for name in evaluate.NONE["face"]}
    for row in split.of(*dev.PORTRAITS, "house_nomask", "t2i_neg"):
        found = split.face(row["file"])
        if not found:
            continue
        picture = split.read(row["file"])
        x, m = face.crop(picture, found["points"])
        properties, known = net.on_crop(x)[2], face.labels(split, row)
        for i, name in enumerate(face.PROPERTIES):
            if name in known:
                scores["eye_open" if name.endswith("eye_open") else name][known[name]].append(float(properties[i]))
        sure = known.get("left_eye_open") and known.get("right_eye_open")
        if sure and not split.worn(row).get("glasses") and len(scores["eye_open"][0]) < len(scores["eye_open"][1]) / 2:
            where, presence = mesh(picture, found["points"])
            if presence > 0.9:
                where = where[points.MESH] @ m[:, :2].T + m[:, 2]
                share = np.random.default_rng(len(scores["eye_open"][0])).uniform(*SHUT)
                for side in ("left", "right"):
                    x = faces.close(x, where, side, share)
                scores["eye_open"][0].extend(float(v) for v in net.on_crop(x)[2][2:4])
    return scores


def of_detector(split, path):
    """As of_face, of the one threshold "score"."""
    net, noes, yeses = detector.Net(path, 0.01), [], []
    for row in split.rows:
        if row["set"].startswith("bg_"):
            for view in detector.views(split.read(row["file"])):
                rows = net(view)
                noes.append(float(rows[0, 0]) if len(rows) else 0.0)
        elif row["set"] in dev.PORTRAITS and split.face(row["file"]) and split.faces[row["file"]][1]["n"] == 1:
            box = split.face(row["file"])["box"]
            rows = net(split.read(row["file"]))
            same = [measures.box_iou(r[1:5], box) >= detector.SAME for r in rows]
            yeses.append(max((float(r[0]) for r, s in zip(rows, same) if s), default=0.0))
            noes.append(max((float(r[0]) for r, s in zip(rows, same) if not s), default=0.0))
    return {"score": (noes, yeses)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("nets", nargs="*", help="face-128, detector-320; both, if not given")
    parser.add_argument("--try", action="store_true", dest="only_try", help="print and write nothing")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    split = Held(args.data)
    for name, scores_of in (("face-128", of_face), ("detector-320", of_detector)):
        path, entry = evaluate.path_of(name), manifest.entry(name)
        if name not in (args.nets or [name]):
            continue
        if not entry or not os.path.exists(path):
            print(f"{name}: there is no such net yet")
            continue
        chosen = {}
        for what, (noes, yeses) in scores_of(split, path).items():
            t = choose(noes, yeses, FALSE[evaluate.TASKS[name]], smallest=name == "detector-320")
            chosen[what] = 0.5 if t is None else round(t, 2)
            a, n, r, y = measures.mistakes(noes + yeses, [False] * len(noes) + [True] * len(yeses), chosen[what])
            print(f"{name} {what:13} {chosen[what]:.2f}  false accepts {a} of {n}, false rejects {r} of {y}" + ("" if t else "; too few to choose"))
        if not args.only_try:
            manifest.put({**entry, "thresholds": chosen})


if __name__ == "__main__":
    main()
