"""Scores mattes on the dev split, ours beside the teacher's:

    python score_matte.py DATA NET.onnx [NET.onnx ...] [--sheet worst.png] [--look portraits.png]

The truth is the 63 keyed mattes of dev.csv and nothing else; each person stands in three dev scenes that are always the same:
two busy ones and a plain one. The people are as they were photographed: no clothes are recoloured and nothing is drawn on.
--sheet draws the ten busy scenes in which the first net is worst; --look draws dev portraits that have no truth, for the eye.
"""

import argparse
import csv
import hashlib
import json
import os
import sys

import cv2
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "training"))
import compose
import measures
import pack
import teachers

SIDE = 512
ORDER = ("iou", "biou", "sad", "mse", "grad", "conn")


def listed(data):
    """Rows of dev.csv, each checked against its digest."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "dev.csv"), newline="") as f:
        rows = list(csv.DictReader(f))
    for row in rows:
        for name, wanted in ((row["file"], row["sha256"]), (row["mask"], row["mask_sha256"])):
            if name and pack.digest(os.path.join(data, name)) != wanted:
                sys.exit(f"{name} is not the file that dev.csv lists")
    return rows


def scenes(data, rows, faces):
    """Yields (name, busy, picture uint8 [512, 512, 3] BGR, alpha float32 [512, 512])."""
    backgrounds = {"busy": [], "plain": []}
    for row in rows:
        if row["set"].startswith("bg_"):
            backgrounds["plain" if row["set"] == "bg_procedural" else "busy"].append(row["file"])
    for row in (r for r in rows if r["mask"]):
        colours = cv2.imread(os.path.join(data, row["file"]))
        alpha = cv2.imread(os.path.join(data, row["mask"]), cv2.IMREAD_GRAYSCALE)
        face, _ = faces[row["file"]]
        h, w = alpha.shape
        points = np.float32(face["points"]) if face else np.float32([[w * 0.4, h * 0.45], [w * 0.6, h * 0.45], [w / 2, h * 0.55], [w * 0.42, h * 0.65], [w * 0.58, h * 0.65]])
        rng = np.random.default_rng(int(hashlib.sha256(row["file"].encode()).hexdigest()[:8], 16))
        for kind in ("busy", "busy", "plain"):
            name = backgrounds[kind][rng.integers(len(backgrounds[kind]))]
            m = compose.place(rng, alpha, points, SIDE, (0.75, 1.25), 5)
            x = cv2.warpAffine(colours, m, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
            a = cv2.warpAffine(alpha, m, (SIDE, SIDE)).astype(np.float32) / 255
            scene = cv2.resize(cv2.imread(os.path.join(data, name)), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR).astype(np.float32)
            picture = np.clip(scene + (x - scene) * a[..., None] + 0.5, 0, 255).astype(np.uint8)
            yield f"{row['file']} + {name}", kind == "busy", picture, a


class Net:
    """One of ours, as the edge will call it."""

    def __init__(self, path):
        self._net = teachers.session(path)
        self._name = self._net.get_inputs()[0].name
        self._side = self._net.get_inputs()[0].shape[-1]

    def __call__(self, bgr):
        """uint8 [h, w, 3] BGR, stretched to the net's square -> float32 [512, 512]."""
        x = cv2.resize(bgr, (self._side, self._side), interpolation=cv2.INTER_AREA)
        x = np.ascontiguousarray(x[..., ::-1].transpose(2, 0, 1)[None], np.float32) / 255
        a = self._net.run(None, {self._name: x})[0][0, 0]
        return a if self._side == SIDE else cv2.resize(a, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)


def on_green(picture, alpha):
    """A picture with its background replaced by green, for looking at."""
    a = cv2.resize(alpha, picture.shape[1::-1])[..., None]
    return (picture * a + np.float32([0, 190, 0]) * (1 - a)).astype(np.uint8)


def look(data, rows, found, path, count=40):
    """A sheet of dev portraits: the picture, then each net's cut."""
    tiles = []
    portraits = [r["file"] for r in rows if r["set"] in ("t2i", "sfhq", "voteview")]
    for name in portraits[:: max(1, len(portraits) // count)][:count]:
        picture = cv2.resize(cv2.imread(os.path.join(data, name)), (256, 256), interpolation=cv2.INTER_AREA)
        full = cv2.imread(os.path.join(data, name))
        tiles.append(np.hstack([picture] + [on_green(picture, net(full)) for net in found.values()]))
    cv2.imwrite(path, np.vstack([np.hstack(tiles[i : i + 4]) for i in range(0, len(tiles) - 3, 4)]))


def main():
    cv2.setNumThreads(1)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", help="folder of the data pack")
    parser.add_argument("nets", nargs="*")
    parser.add_argument("--sheet", help="PNG of the ten worst busy scenes")
    parser.add_argument("--look", help="PNG of dev portraits without a truth")
    parser.add_argument("--json", help="file for the figures")
    args = parser.parse_args()
    rows = listed(args.data)
    selfie = teachers.Selfie(os.path.join(args.data, "weights"))
    teacher = lambda flip: lambda bgr: cv2.resize(selfie(bgr, flip), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    found = {os.path.basename(p): Net(p) for p in args.nets}
    found |= {"MediaPipe selfie": teacher(False), "MediaPipe selfie, both ways": teacher(True)}
    results, kept = {}, []
    for name, busy, picture, truth in scenes(args.data, rows, pack.faces(args.data)):
        for i, (who, net) in enumerate(found.items()):
            alpha = np.clip(net(picture), 0, 1)
            figures = measures.matte(alpha, truth)
            results.setdefault(who, []).append((busy, figures))
            if i == 0 and busy:
                kept.append((figures["iou"], name, picture, truth, alpha))
    table = {}
    for who, each in results.items():
        for group, chosen in (("all", each), ("busy", [e for e in each if e[0]]), ("plain", [e for e in each if not e[0]])):
            mean = {k: round(float(np.mean([f[k] for _, f in chosen])), 4) for k in ORDER}
            table.setdefault(who, {})[group] = mean
            print(f"{who:32} {group:6} " + "  ".join(f"{k} {mean[k]:.4f}" if "iou" in k else f"{k} {mean[k]:.2f}" for k in ORDER))
    if args.json:
        with open(args.json, "w") as f:
            json.dump(table, f, indent=1)
    if args.sheet:
        worst = sorted(kept, key=lambda k: k[0])[:10]
        for score, name, *_ in worst:
            print(f"{score:.4f} {name}")
        tiles = [cv2.resize(np.hstack([p, on_green(p, t), on_green(p, a)]), (600, 200), interpolation=cv2.INTER_AREA) for _, _, p, t, a in worst]
        cv2.imwrite(args.sheet, np.vstack([np.hstack(tiles[i : i + 2]) for i in range(0, 10, 2)]))
    if args.look:
        look(args.data, rows, {k: v for k, v in found.items() if k != "MediaPipe selfie"}, args.look)


if __name__ == "__main__":
    main()
