"""Builds the training pack out of the data pack: python pack.py DATA OUT [--dev ../evaluation/dev.csv]

No picture of the dev split enters it, nor one whose scene is (with the person filled away) a background of the other split.
The list of the dev split, with digests, is written beside the evaluation once; if it is there, it must still hold.
"""

import argparse
import csv
import hashlib
import os
import sys

import cv2
import numpy as np

import packfile
import teachers

SURE = 0.95  # the selfie teacher is sure of a person above this, and of none below 1 - SURE
CONTRADICTION = 0.03  # share of a picture on which a matte may contradict the sure teacher before it is repaired
LEFT = 0.004  # the same after the repair, for a matte that cuts a person out


def index(data):
    """Rows of INDEX.csv."""
    with open(os.path.join(data, "INDEX.csv"), newline="") as f:
        return list(csv.DictReader(f))


def faces(data):
    """file -> what YuNet found, from the labels of the data pack."""
    found = {}
    with open(os.path.join(data, "labels", "faces_teacher.csv"), newline="") as f:
        for row in csv.DictReader(f):
            face = None
            if row["x0"]:
                face = {
                    "box": [float(row[k]) for k in ("x0", "y0", "x1", "y1")],
                    "points": [[float(row[f"kp{i}x"]), float(row[f"kp{i}y"])] for i in range(5)],
                }
            counts = {"n": int(row["n_faces"] or 0), "big": int(row["n_big"] or 0), "score": float(row["score"] or 0)}
            found[row["file"]] = face, counts
    return found


def digest(path):
    """SHA-256 of a file, in hex."""
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def dev_list(rows, data):
    """Lines of the dev list: every picture of the dev split, its digest, and its matte's where that was keyed."""
    lines = [["file", "sha256", "set", "subject", "mask", "mask_sha256"]]
    for row in sorted((r for r in rows if r["split"] == "dev"), key=lambda r: r["file"]):
        mask = row["mask_file"]
        masked = digest(os.path.join(data, mask)) if mask else ""
        lines.append([row["file"], digest(os.path.join(data, row["file"])), row["set"], row["subject"], mask, masked])
    return lines


def keep_dev_list(rows, data, path):
    """Writes the dev list if there is none, and refuses to go on if the one there says something else."""
    lines = dev_list(rows, data)
    if not os.path.exists(path):
        with open(path, "w", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows(lines)
        return
    with open(path, newline="") as f:
        if list(csv.reader(f)) != lines:
            sys.exit(f"{path} lists other pictures than the dev split of {data}: the split is never changed")


def png(grey):
    """A grey picture as PNG bytes."""
    return cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def trimap(p):
    """float32 [256, 256] probability -> uint8: 255 surely a person, 0 surely none, 128 unknown."""
    return np.where(p > SURE, 255, np.where(p < 1 - SURE, 0, 128)).astype(np.uint8)


def disc(radius):
    """A round kernel, radius in pixels."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def repair(matte, sure):
    """Puts right what the sure teacher knows about a machine matte.

    matte uint8 [h, w], sure uint8 [256, 256] trimap -> (alpha uint8 [h, w], sure uint8 [256, 256], before, after).
    Inside the eroded sure person alpha becomes 1 (dropped clothes, grey shirts), far outside it 0 (animals, blobs of
    light); the band between stays the matte's, whose hair is the better one. before and after are the shares of the
    picture on which matte and teacher contradict each other; the sure returned is 128 where they still do.
    """
    h, w = matte.shape
    small = cv2.resize(matte, (256, 256), interpolation=cv2.INTER_AREA)
    person, nobody = sure == 255, sure == 0
    before = np.mean((person & (small < 128)) | (nobody & (small > 128)))
    inside = cv2.erode(person.astype(np.uint8), disc(4), borderValue=1)
    outside = cv2.erode(nobody.astype(np.uint8), disc(9), borderValue=1)
    up = lambda m: cv2.resize(m.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR)
    alpha = matte.astype(np.float32)
    weight = up(cv2.blur(inside.astype(np.float32), (3, 3)))  # no step where the repair ends
    alpha = alpha * (1 - weight) + 255 * weight
    alpha *= 1 - up(cv2.blur(outside.astype(np.float32), (3, 3)))
    small = cv2.resize(alpha, (256, 256), interpolation=cv2.INTER_AREA)
    wrong = (person & (small < 128)) | (nobody & (small > 128))
    doubt = cv2.dilate(wrong.astype(np.uint8), disc(3)) > 0
    # Grey plains are neither: outside hair a true matte is seldom grey over more than a few pixels.
    grey = cv2.erode(((small > 40) & (small < 215)).astype(np.uint8), disc(3)) > 0
    doubt |= cv2.dilate(grey.astype(np.uint8), disc(4)) > 0
    alpha = np.clip((alpha - 8) * 255 / 239, 0, 255)  # the net's 0.03 and 0.97 are 0 and 1
    alpha = np.where(alpha > 247, 255, (alpha / 8).astype(np.uint8) * 8).astype(np.uint8)  # 32 levels pack better
    return alpha, np.where(doubt, 128, 255).astype(np.uint8), before, wrong.mean()


def entries(rows, data, report):
    """Yields the entries of the pack, blobs as bytes."""
    selfie = teachers.Selfie(os.path.join(data, "weights"))
    found = faces(data)
    split = {r["file"]: r["split"] for r in rows}
    for row in rows:
        name = row["file"].split("/", 1)[1]
        base = row["file"].rsplit("/", 1)[1]
        if row["split"] != "train":
            continue
        # A filled scene and the picture it came from share their surroundings.
        if split.get(f"backgrounds/derived/{base}") == "dev" or (
            row["set"] == "bg_derived" and split.get(f"images/t2i/{base}") == "dev"
        ):
            report["scene shared with dev"] += 1
            continue
        with open(os.path.join(data, row["file"]), "rb") as f:
            picture = f.read()
        face, counts = found.get(row["file"], (None, {"n": 0, "big": 0, "score": 0}))
        entry = {"name": name, "set": row["set"], "picture": picture, "face": face, "faces": counts}
        if row["set"].startswith("bg_"):
            yield {**entry, "kind": "scene"}
            continue
        if row["mask_kind"] == "keyed":
            with open(os.path.join(data, row["mask_file"]), "rb") as f:
                yield {**entry, "kind": "cut", "alpha": f.read()}
            continue
        pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
        sure = trimap(selfie(pixels))
        if not 0.03 < np.mean(sure == 255) < 0.97 or np.mean(sure == 128) > 0.25:
            report["teacher unsure"] += 1
            continue
        matte_path = os.path.join(data, "masks", "isnet", name.rsplit(".", 1)[0] + ".png")
        if os.path.exists(matte_path):
            matte = cv2.imread(matte_path, cv2.IMREAD_GRAYSCALE)
            alpha, believe, before, after = repair(matte, sure)
            if before <= 2 * CONTRADICTION and after <= CONTRADICTION:
                cut = bool(before <= CONTRADICTION and after <= LEFT and np.mean(believe == 128) < 0.03)
                report["matte, cuts" if cut else "matte, labels only"] += 1
                yield {**entry, "kind": "matte", "alpha": png(alpha), "sure": png(believe), "cut": cut}
                continue
            report["matte rejected"] += 1
        yield {**entry, "kind": "sure", "sure": png(sure)}


def main():
    cv2.setNumThreads(1)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", help="folder of the data pack")
    parser.add_argument("out", help="file to write")
    parser.add_argument("--dev", default=os.path.join(os.path.dirname(__file__), "..", "evaluation", "dev.csv"))
    args = parser.parse_args()
    rows = index(args.data)
    keep_dev_list(rows, args.data, args.dev)
    report = {k: 0 for k in ("scene shared with dev", "teacher unsure", "matte, cuts", "matte, labels only", "matte rejected")}
    listed = list(entries(rows, args.data, report))
    size = packfile.write(args.out, listed)
    for kind in ("cut", "matte", "sure", "scene"):
        report[kind] = sum(e["kind"] == kind for e in listed)
    for what, count in report.items():
        print(f"{count:6} {what}")
    print(f"{size / 2**20:6.1f} MiB {args.out}")
    if size > 55 * 2**20:
        sys.exit("the pack is over 55 MiB: it would not travel")


if __name__ == "__main__":
    main()
