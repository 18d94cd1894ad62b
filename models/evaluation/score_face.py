"""Scores face nets on points that people placed: python score_face.py DATA NET.onnx [...] [--sheet faces.png]

The truth is landmarks/human_189.csv for the dev split (its points 0 and 1 are the pupils); the measure is the distance of our
irises from them in pupil distances. The crop is made from YuNet's five points, as the detector's will be. The mesh, which taught
us, runs beside ours. --sheet draws dev faces of all sets for the eye.
"""

import argparse
import csv
import os
import sys

import cv2
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "training"))
import faces
import pack
import points
import teachers
from score_matte import listed

IRISES = [points.at("left.iris"), points.at("right.iris")]


class Net:
    """One of ours, as the edge will call it: a crop by five points, then the points back in the picture."""

    def __init__(self, path):
        self._net = teachers.session(path)

    def __call__(self, bgr, five):
        """-> (points float32 [p, 2] in pixels of the picture, pose [3] in degrees, properties [8])."""
        m = faces.align(five)
        shrink = float(np.sqrt(abs(np.linalg.det(m[:, :2]))))
        source, to_crop = bgr, m.copy()
        if shrink < 0.5:  # a large face is reduced first, so that it has no stairs
            f = shrink * 1.5
            source = cv2.resize(bgr, None, fx=f, fy=f, interpolation=cv2.INTER_AREA)
            half = np.float32([0.5, 0.5])
            to_crop[:, 2] = m[:, 2] + m[:, :2] @ (half / f - half)
            to_crop[:, :2] /= f
        crop = cv2.warpAffine(source, to_crop, (faces.SIDE, faces.SIDE), borderMode=cv2.BORDER_REPLICATE)
        x = np.ascontiguousarray(crop[..., ::-1].transpose(2, 0, 1)[None], np.float32) / 255
        where, pose, properties = self._net.run(None, {"picture": x})
        return (where[0] * faces.SIDE - 0.5 - m[:, 2]) @ np.linalg.inv(m[:, :2]).T, pose[0], properties[0]


def main():
    cv2.setNumThreads(1)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("nets", nargs="*")
    parser.add_argument("--sheet")
    args = parser.parse_args()
    rows, found = listed(args.data), pack.faces(args.data)
    with open(os.path.join(args.data, "landmarks", "human_189.csv"), newline="") as f:
        human = {r["file"]: np.float32([[float(r[f"x{i}"]), float(r[f"y{i}"])] for i in (0, 1)]) for r in csv.DictReader(f)}
    mesh = teachers.Mesh(os.path.join(args.data, "weights"))
    nets = {os.path.basename(p): Net(p) for p in args.nets}
    everyone = {who: (lambda bgr, five, net=net: net(bgr, five)[0]) for who, net in nets.items()}
    everyone["MediaPipe face mesh"] = lambda bgr, five: mesh(bgr, five)[0][points.MESH]
    errors, tiles = {}, []
    shown = 0
    for row in rows:
        face, _ = found.get(row["file"], (None, None))
        if not face:
            continue
        truth = human.get(row["file"], human.get(row["file"].removeprefix("images/")))
        draw = args.sheet and nets and row["set"] in ("t2i", "sfhq", "voteview", "london") and shown % 4 == 0
        shown += 1
        if truth is None and not draw:
            continue
        picture = cv2.imread(os.path.join(args.data, row["file"]))
        if truth is not None:
            truth = truth[np.argsort(truth[:, 0])]
            for who, net in everyone.items():
                off = np.hypot(*(net(picture, face["points"])[IRISES] - truth).T) / np.hypot(*(truth[1] - truth[0]))
                errors.setdefault(who, []).extend(off.tolist())
        if draw:
            where, pose, properties = next(iter(nets.values()))(picture, face["points"])
            m = faces.align(face["points"]) * 2
            crop = cv2.warpAffine(picture, m, (2 * faces.SIDE, 2 * faces.SIDE))
            for x, y in where @ m[:, :2].T + m[:, 2]:
                cv2.circle(crop, (round(float(x)), round(float(y))), 1, (0, 255, 0), -1)
            cv2.putText(crop, " ".join(f"{v:.0f}" for v in pose), (2, 12), 0, 0.4, (0, 255, 255))
            cv2.putText(crop, " ".join(f"{v:.1f}" for v in properties), (2, 250), 0, 0.4, (0, 255, 255))
            tiles.append(crop)
    for who, e in errors.items():
        print(f"{who:24} iris error {100 * np.mean(e):.2f} % of the pupil distance, 95th percentile {100 * np.percentile(e, 95):.2f} %, {len(e)} eyes")
    if tiles:
        tiles = tiles[: len(tiles) // 8 * 8]
        cv2.imwrite(args.sheet, np.vstack([np.hstack(tiles[i : i + 8]) for i in range(0, len(tiles), 8)]))


if __name__ == "__main__":
    main()
