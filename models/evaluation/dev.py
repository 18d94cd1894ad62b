"""The dev split: which pictures it is, what was seen in them, and the groups in which people are counted.

Importing this module puts models/training on the path: the crops, the compositor and the teachers live there.
"""

import csv
import os
import sys

import cv2
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(MODELS, "training"))
import pack  # noqa: E402

PORTRAITS = ("canada", "house", "london", "sfhq", "sfhq_small", "t2i", "voteview")
SYNTHETIC = ("sfhq", "sfhq_small", "t2i", "t2i_neg")
AGES = {  # words of the text a synthetic picture was made from
    "10 month old baby": "baby or child", "2.5 year old toddler": "baby or child", "small child": "baby or child",
    "16 year old teenager": "teenager", "30 year old adult": "adult", "wrinkly 70 year old senior": "senior",
}
# Individual typology angle in degrees, after Chardon 1991, its six classes in three. Measured, so it follows the light as well.
SKINS = ((41, "light"), (10, "medium"), (-181, "dark"))
ENOUGH = 5  # people or pictures of a group from which its figure goes into the manifest; tables show all, with counts


def listed(data):
    """Rows of dev.csv, each checked against its digest: file, sha256, set, subject, mask, mask_sha256."""
    with open(os.path.join(HERE, "dev.csv"), newline="") as f:
        rows = list(csv.DictReader(f))
    for row in rows:
        for name, wanted in ((row["file"], row["sha256"]), (row["mask"], row["mask_sha256"])):
            if name and pack.digest(os.path.join(data, name)) != wanted:
                sys.exit(f"{name} is not the file that dev.csv lists")
    return rows


def read(data, file):
    """A picture, uint8 [h, w, 3] BGR."""
    return cv2.imread(os.path.join(data, file))


def teacher(data):
    """{file: row of labels/faces_teacher.csv with floats, None where it is empty}."""
    number = lambda k, v: v if k == "file" else float(v) if v else None
    with open(os.path.join(data, "labels", "faces_teacher.csv"), newline="") as f:
        return {row["file"]: {k: number(k, v) for k, v in row.items()} for row in csv.DictReader(f)}


def tags(data):
    """{file: set of the words a synthetic picture was asked for with}: weak labels."""
    with open(os.path.join(data, "INDEX.csv"), newline="") as f:
        return {row["file"]: set(row["tags"].split(";")) for row in csv.DictReader(f)}


def worn():
    """{file: {"glasses", "dark", "headwear", "occluded": True, False or None (not told)}}, as it was seen by eye."""
    with open(os.path.join(MODELS, "training", "attributes.csv"), newline="") as f:
        told = {"1": True, "0": False}
        return {row["file"]: {k: told.get(v) for k, v in row.items() if k != "file"} for row in csv.DictReader(f)}


def cheeks(bgr, five):
    """Pixels [n, 3] of two squares on the cheeks, of .3 eye distances, half way down from eyes to mouth (as OFIQ takes them)."""
    five = np.asarray(five, np.float32)
    side = 0.3 * float(np.hypot(*(five[1] - five[0])))
    eyes, mouth = five[:2].mean(0), five[3:].mean(0)
    top = eyes[1] + (mouth[1] - eyes[1]) / 2
    parts = []
    for left in (five[0][0] - side, five[1][0]):
        x, y, s = round(float(left)), round(float(top)), max(1, round(side))
        parts.append(bgr[max(0, y) : max(0, y + s), max(0, x) : max(0, x + s)].reshape(-1, 3))
    return np.concatenate(parts)


def typology(bgr, five):
    """Individual typology angle of the cheeks in degrees: atan((L* - 50) / b*), higher is lighter; None off the picture.
    Median over the pixels; pixels that are nearly black or white (beard, shine) are left out."""
    pixels = cheeks(bgr, five)
    if len(pixels) < 4:
        return None
    lab = cv2.cvtColor((pixels[None] / 255).astype(np.float32), cv2.COLOR_BGR2Lab)[0]
    lab = lab[(lab[:, 0] > 5) & (lab[:, 0] < 98)]
    if len(lab) < 4:
        return None
    light, _, b = np.median(lab, 0)
    return float(np.degrees(np.arctan2(light - 50, b)))


class Split:
    """The dev split with everything that is known of its pictures."""

    def __init__(self, data):
        self.data, self.rows = data, listed(data)
        self.teacher, self.tags = teacher(data), tags(data)
        self.faces, self._worn, self._groups = pack.faces(data), worn(), {}

    def of(self, *sets):
        """The rows of these sets, in the order of dev.csv."""
        return [r for r in self.rows if r["set"] in sets]

    def read(self, file):
        return read(self.data, file)

    def face(self, file):
        """{"box": [4], "points": 5 x 2} as YuNet found it, or None."""
        return self.faces.get(file, (None, None))[0]

    def worn(self, row):
        """What a face wears, by eye: {"glasses", "dark", "headwear", "occluded"}; two sets were photographed with nothing on."""
        if row["set"] in ("london", "canada"):
            return dict.fromkeys(("glasses", "dark", "headwear", "occluded"), False)
        return self._worn.get(row["file"], {})

    def groups(self, row):
        """{"skin", "age", "glasses", "headwear": the group, where it is known} of a portrait."""
        if row["file"] not in self._groups:
            found, face = {}, self.face(row["file"])
            angle = typology(self.read(row["file"]), face["points"]) if face else None
            if angle is not None:
                found["skin"] = next(name for least, name in SKINS if angle > least)
            ages = {AGES[t] for t in self.tags.get(row["file"], ()) if t in AGES}
            if len(ages) == 1:
                found["age"] = ages.pop()
            for what in ("glasses", "headwear"):
                if self.worn(row).get(what) is not None:
                    found[what] = f"with {what}" if self.worn(row)[what] else f"without {what}"
            self._groups[row["file"]] = found
        return self._groups[row["file"]]


def grouped(rows, split, values):
    """[(what, group, values of its rows)] for rows with a value each, in a fixed order; groups are those of Split.groups. What
    divides the rows into one group only is left out."""
    order = {
        "skin": [name for _, name in SKINS], "age": list(dict.fromkeys(AGES.values())),
        "glasses": ["without glasses", "with glasses"], "headwear": ["without headwear", "with headwear"],
    }
    out = []
    for what, names in order.items():
        parts = [(what, name, [v for row, v in zip(rows, values) if split.groups(row).get(what) == name]) for name in names]
        parts = [p for p in parts if p[2]]
        out += parts if len(parts) > 1 else []
    return out


def slug(what, group):
    """A group as part of a figure's name: skin_light, age_senior, with_glasses."""
    return (f"{what}_{group}" if what in ("skin", "age") else group).replace(" ", "_")
