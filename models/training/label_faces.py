"""Labels of faces for the training pack: python label_faces.py DATA PACK OUT.npz [--sheet sheet.png]

A face is labelled where the teachers agree: the mesh is present, its irises lie where YuNet saw the eyes, and the mesh of the
mirrored picture, mirrored back, gives the same points. What the tags of a synthetic picture say about glasses and hats is weak
and only used where it was asked for by name. OUT.npz holds, for n faces: names [n], points float32 [n, p, 2] in pixels of the
stored picture, five float32 [n, 5, 2], numbers float32 [n, 7] = yaw, pitch, roll in degrees, blink left and right, jaw open,
smile, all by the picture's sides, and tags [n].
"""

import argparse
import csv
import os

import cv2
import numpy as np

import packfile
import points
import teachers

EYES_APART = 0.2  # YuNet's eye and the mesh's iris, in pupil distances (YuNet alone errs by .06 in the mean)
MIRRORED_APART = 0.055  # mean over the points, in pupil distances (.03 is the median: the mesh leans to one side)


def main():
    cv2.setNumThreads(1)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("pack")
    parser.add_argument("out")
    parser.add_argument("--sheet", help="PNG of faces with their points, to look at")
    args = parser.parse_args()
    with open(os.path.join(args.data, "labels", "faces_teacher.csv"), newline="") as f:
        teacher = {row["file"].split("/", 1)[1]: row for row in csv.DictReader(f)}
    with open(os.path.join(args.data, "INDEX.csv"), newline="") as f:
        tags = {row["file"].split("/", 1)[1]: row["tags"] for row in csv.DictReader(f)}
    mesh = teachers.Mesh(os.path.join(args.data, "weights"))
    pack = packfile.Pack(args.pack)
    kept, refused, tiles = [], {"no face": 0, "no mesh": 0, "eyes": 0, "mirror": 0}, []
    for entry in pack.of("cut", "matte", "sure"):
        row = teacher.get(entry["name"])
        if not entry["face"] or not row or not row["yaw"]:
            refused["no face"] += 1
            continue
        picture = pack.read(entry, "picture")
        five = np.float32(entry["face"]["points"])
        found, presence = mesh(picture, five)
        if presence < 0.9:
            refused["no mesh"] += 1
            continue
        gap = float(np.hypot(*(found[473] - found[468])))
        if gap < 12 or np.hypot(*(five[:2] - found[[468, 473]]).T).max() > EYES_APART * max(gap, 1):
            refused["eyes"] += 1
            continue
        w = picture.shape[1]
        turned, _ = mesh(np.ascontiguousarray(picture[:, ::-1]), (np.float32([w - 1, 0]) + five * np.float32([-1, 1]))[[1, 0, 2, 4, 3]])
        turned = np.float32([w - 1, 0]) + turned * np.float32([-1, 1])
        ours = found[points.MESH]
        again = turned[points.MESH][points.MIRROR]
        if np.hypot(*(ours - again).T).mean() > MIRRORED_APART * gap:
            refused["mirror"] += 1
            continue
        ours = (ours + again) / 2
        # The teacher's left is the person's: our right.
        number = [float(row[k]) for k in ("yaw", "pitch", "roll", "eyeBlinkRight", "eyeBlinkLeft", "jawOpen")]
        number.append((float(row["mouthSmileLeft"]) + float(row["mouthSmileRight"])) / 2)
        kept.append((entry["name"], ours, five, number, tags.get(entry["name"], "")))
        if len(kept) % 60 == 1:
            shown = cv2.resize(picture, None, fx=2, fy=2)
            for x, y in ours * 2:
                cv2.circle(shown, (int(x), int(y)), 1, (0, 255, 0), -1)
            cx, cy = (ours.mean(0) * 2).astype(int)
            r = int(gap * 3.2)
            part = shown[max(0, cy - r) : cy + r, max(0, cx - r) : cx + r]
            tile = cv2.resize(part, (220, 220), interpolation=cv2.INTER_AREA)
            cv2.putText(tile, " ".join(f"{v:.0f}" if abs(v) >= 2 else f"{v:.1f}" for v in number), (2, 214), 0, 0.36, (0, 255, 255))
            tiles.append(tile)
    names, where, fives, numbers, words = zip(*kept)
    np.savez_compressed(
        args.out, names=np.array(names), points=np.float32(where), five=np.float32(fives), numbers=np.float32(numbers), tags=np.array(words)
    )
    print(f"{len(kept)} faces labelled;", ", ".join(f"{n} refused: {why}" for why, n in refused.items()))
    if args.sheet:
        tiles = tiles[: len(tiles) // 7 * 7]
        cv2.imwrite(args.sheet, np.vstack([np.hstack(tiles[i : i + 7]) for i in range(0, len(tiles), 7)]))


if __name__ == "__main__":
    main()
