"""Training crops for the face net: aligned faces with their points, and what was put on or over them.

Glasses, dark glasses, hats, hands and closed eyes are too few in the pack, so they are drawn: eyes are closed by pulling the upper
lid over them along the points of the mesh, the rest is painted with a known truth. What a picture shows by itself is in
attributes.csv, where every face of the pack was looked at; what could not be told is not judged. A face that the teachers disagree
about (sunglasses, profiles) has no points and teaches only what it wears.
"""

import csv
import os

import cv2
import numpy as np

import compose
import packfile
import points
import props
import textures

SIDE = 128
EYES_AT = (64.0, 52.0)  # the middle between the eyes, pixels of the crop
SPAN = 33.0  # the larger of eye distance and eye-mouth distance, pixels of the crop
PROPERTIES = ("open.left", "open.right", "glasses", "dark", "headwear", "occluded")
WORN = ("glasses", "dark", "headwear", "occluded")  # the last four of them, as attributes.csv has them
RARE_SHARE = 0.3  # of the samples are faces that wear something or are covered


def align(five, turn=0.0, grow=1.0, shift=(0.0, 0.0)):
    """The map 2 x 3 from picture to crop: the line of the eyes level, eyes and mouth at their places.

    five: 5 x 2 points (eyes, nose, mouth corners) in pixels. turn (radians), grow and shift (pixels of the crop) disturb it, as a
    detector's points would. Mapped so that pixel centres fall on pixel centres.
    """
    five = np.asarray(five, np.float32)
    eyes, mouth = five[:2].mean(0), five[3:].mean(0)
    across = five[1] - five[0]
    k = SPAN * grow / max(float(np.hypot(*across)), float(np.hypot(*(mouth - eyes))), 1e-3)
    angle = -float(np.arctan2(across[1], across[0])) + turn
    c, s = np.cos(angle) * k, np.sin(angle) * k
    linear = np.float32([[c, -s], [s, c]])
    start = np.float32(EYES_AT) + np.float32(shift) - linear @ eyes
    return np.float32([[c, -s, start[0]], [s, c, start[1]]])


def lids(side):
    """Indices of the upper and the lower lid of an eye, corner to corner."""
    ends = [f"{side}.eye.outer"], [f"{side}.eye.inner"]
    row = lambda which: [points.at(n) for n in ends[0] + [f"{side}.lid.{which}.{i}" for i in range(1, 8)] + ends[1]]
    return row("upper"), row("lower")


def close(crop, where, side, share):
    """Pulls the upper lid down by share (0..1) of the opening. Changes where [p, 2]; returns the new crop uint8 [S, S, 3]."""
    upper, lower = lids(side)
    up, low = where[upper], where[lower]
    order, order_low = np.argsort(up[:, 0]), np.argsort(low[:, 0])
    left, right = up[:, 0].min(), up[:, 0].max()
    x = np.arange(SIDE, dtype=np.float32)
    top_line = np.interp(x, up[order, 0], up[order, 1])
    low_line = np.interp(x, low[order_low, 0], low[order_low, 1])
    opening = np.maximum(low_line - top_line, 0) * ((x > left) & (x < right))
    new_line = top_line + share * opening
    above = top_line - np.maximum(6, 1.2 * opening.max())  # where the pulled skin begins
    y = np.broadcast_to(np.arange(SIDE, dtype=np.float32)[:, None], (SIDE, SIDE))
    pulled = above + (y - above) * (top_line - above) / np.maximum(new_line - above, 1e-3)
    source = np.where((y > above) & (y <= new_line) & (opening > 0.3), pulled, y).astype(np.float32)
    out = cv2.remap(crop, np.broadcast_to(x, (SIDE, SIDE)).copy(), source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inner = upper[1:-1]
    low_at = np.interp(where[inner, 0], low[order_low, 0], low[order_low, 1])
    where[inner, 1] += share * np.maximum(low_at - where[inner, 1], 0)
    return out


def glasses(rng, crop, where, dark):
    """Draws a frame and lenses over the eyes of a crop float32 [S, S, 3]."""
    corners = [points.at(f"{s}.eye.{e}") for s in ("left", "right") for e in ("outer", "inner")]
    lo, li, ro, ri = where[corners]
    width = float(np.hypot(*(ro - lo)))
    angle = float(np.degrees(np.arctan2(ro[1] - lo[1], ro[0] - lo[0])))
    frame = textures.colour(rng) * rng.uniform(0.1, 1)
    tint = textures.colour(rng) * rng.uniform(0, 0.35)
    opaque = rng.uniform(0.6, 0.98) if dark else rng.uniform(0, 0.2)
    thick = int(rng.integers(1, 4))
    rx, ry = width * rng.uniform(0.2, 0.27), width * rng.uniform(0.13, 0.24)
    lens, rim = np.zeros((SIDE, SIDE), np.uint8), np.zeros((SIDE, SIDE), np.uint8)
    round_ones = rng.random() < 0.6
    centres = [(lo + li) / 2 + np.float32([0, ry * 0.15]), (ro + ri) / 2 + np.float32([0, ry * 0.15])]
    for c in centres:
        if round_ones:
            cv2.ellipse(lens, (int(c[0]), int(c[1])), (int(rx), int(ry)), angle, 0, 360, 255, -1, cv2.LINE_AA)
            cv2.ellipse(rim, (int(c[0]), int(c[1])), (int(rx), int(ry)), angle, 0, 360, 255, thick, cv2.LINE_AA)
        else:
            box = cv2.boxPoints(((float(c[0]), float(c[1])), (float(rx * 1.9), float(ry * 1.7)), angle)).astype(np.int32)
            cv2.fillPoly(lens, [box], 255, cv2.LINE_AA)
            cv2.polylines(rim, [box], True, 255, thick, cv2.LINE_AA)
    toward = (ro - lo) / max(width, 1)
    whole = lambda p: (int(p[0]), int(p[1]))
    cv2.line(rim, whole(centres[0] + toward * rx), whole(centres[1] - toward * rx), 255, thick, cv2.LINE_AA)
    for c, s in ((centres[0], -1), (centres[1], 1)):
        cv2.line(rim, whole(c + s * toward * rx), whole(c + s * toward * (rx + width * 0.22)), 255, thick, cv2.LINE_AA)
    over = lens.astype(np.float32)[..., None] / 255 * np.float32(opaque)
    crop *= 1 - over
    crop += tint * over
    if rng.random() < 0.4:  # a reflection
        shine = np.zeros((SIDE, SIDE), np.uint8)
        c = centres[int(rng.integers(2))] + rng.normal(0, rx / 3, 2)
        cv2.ellipse(shine, whole(c), (int(rx * rng.uniform(0.1, 0.6)) + 1, int(ry * rng.uniform(0.1, 0.4)) + 1), rng.uniform(0, 180), 0, 360, 255, -1)
        shine = (cv2.GaussianBlur(cv2.min(shine, lens), (0, 0), 1).astype(np.float32) / 255 * rng.uniform(0.2, 0.9))[..., None]
        crop += (235 - crop) * shine
    rim = rim.astype(np.float32)[..., None] / 255 * np.float32(rng.uniform(0.6, 1))
    crop *= 1 - rim
    crop += frame * rim


def attributes():
    """What was seen by eye: {name in the pack: float32 [4] for WORN, 1, 0 or -1 (not told)}."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "attributes.csv"), newline="") as f:
        return {row["file"].removeprefix("images/"): np.float32([float(row[w] or -1) for w in WORN]) for row in csv.DictReader(f)}


class Faces:
    """Makes samples: picture uint8 [128, 128, 3] RGB, and a row of float32: points (2 p, pixels of the crop), yaw, pitch, roll
    (degrees), mouth open and smile (0..1), and the six PROPERTIES (0..1, or -1: not judged). Points and the five numbers are NaN
    where the teachers disagree."""

    def __init__(self, pack, labels, seed):
        self._pack = packfile.Pack(pack)
        self._rng = np.random.default_rng(seed)
        cv2.setRNGSeed(int(self._rng.integers(2**31)))
        with np.load(labels) as found:
            label = {k: found[k] for k in found.files}
        at = {str(name): i for i, name in enumerate(label["names"])}
        seen = attributes()
        empty = np.full((len(points.NAMES), 2), np.nan, np.float32), np.full(7, np.nan, np.float32)
        self._faces, self._rare = [], []
        for entry in self._pack.of("cut", "matte", "sure"):
            name = entry["name"]
            worn = seen.get(name)
            if worn is None and entry["set"] in ("london", "canada"):
                worn = np.zeros(len(WORN), np.float32)  # photographed with nothing on
            if name in at:
                i = at[name]
                face = entry, label["points"][i], label["five"][i], label["numbers"][i], worn
            elif entry["face"] and worn is not None:
                face = entry, empty[0], np.float32(entry["face"]["points"]), empty[1], worn
            else:
                continue
            self._faces.append(face)
            if worn is not None and worn.max() > 0:
                self._rare.append(face)
        self._scenes = self._pack.of("scene")
        self._cache = {}

    def _picture(self, entry, blob="picture"):
        key = entry["name"], blob
        if key not in self._cache:
            self._cache[key] = self._pack.read(entry, blob)
        return self._cache[key]

    def sample(self):
        rng = self._rng
        some = self._rare if rng.random() < RARE_SHARE else self._faces
        entry, where, five, numbers, worn = some[int(rng.integers(len(some)))]
        where, five, (yaw, pitch, _, blink_left, blink_right, jaw, smile) = where.copy(), five.copy(), numbers
        pointed = bool(np.isfinite(where).all())
        picture = self._picture(entry)
        # The points the detector will give are not exact either.
        gap = float(np.hypot(*(five[1] - five[0])))
        m = align(five + rng.normal(0, 0.03 * gap, (5, 2)), rng.normal(0, 0.07), np.exp(rng.normal(0, 0.08)), rng.normal(0, 3.5, 2))
        x = compose.warp(picture, m, SIDE)
        to_crop = lambda p: (p @ m[:, :2].T + m[:, 2]).astype(np.float32)
        where, five = to_crop(where), to_crop(five)
        if entry["kind"] == "cut":  # a scene instead of the studio's
            a = compose.warp(self._picture(entry, "alpha"), m, SIDE, cv2.BORDER_CONSTANT).astype(np.float32)[..., None] / 255
            scene = self._picture(self._scenes[rng.integers(len(self._scenes))])
            scene = compose.tone(rng, cv2.resize(scene, (SIDE, SIDE), interpolation=cv2.INTER_AREA)).astype(np.float32)
            x = (scene + (x - scene) * a).astype(np.uint8)
        roll_now = lambda: float(np.degrees(np.arctan2(*(where[points.at("right.eye.outer")] - where[points.at("left.eye.outer")])[::-1])))
        opened = [1 - np.clip(b / 0.55, 0, 1) for b in (blink_left, blink_right)]
        properties = [*opened, *(worn if worn is not None else (-1.0,) * len(WORN))]
        hidden = properties[3] > 0
        if hidden or not pointed:
            properties[0] = properties[1] = -1.0
        if pointed and not hidden and rng.random() < 0.4:  # close an eye or both, in part or wholly
            share = rng.uniform(0.8, 1) if rng.random() < 0.7 else rng.uniform(0.2, 0.8)
            both = rng.random() < 0.75
            for k, side in enumerate(("left", "right")):
                if both or rng.random() < 0.5:
                    x = close(x, where, side, share)
                    properties[k] *= 1 - share
        x = np.ascontiguousarray(x, np.uint8).astype(np.float32)
        none = np.zeros((SIDE, SIDE), np.float32)
        if pointed and rng.random() < 0.18 and properties[2] <= 0:
            dark = rng.random() < 0.4
            glasses(rng, x, where, dark)
            properties[2], properties[3] = 1.0, float(dark)
            if dark:
                properties[0] = properties[1] = -1.0
        if rng.random() < 0.14:
            props.hat(rng, x, none, five)
            properties[4] = 1.0
        if pointed and rng.random() < 0.12:
            nose = np.clip(five[2], 6, SIDE - 7).astype(int)
            skin = np.median(x[nose[1] - 5 : nose[1] + 6, nose[0] - 5 : nose[0] + 6].reshape(-1, 3), 0)
            over = np.zeros((SIDE, SIDE), np.float32)
            if rng.random() < 0.6:
                props.arm(rng, x, over, five, skin)
            else:  # a mask, a veil, a cup: cloth over the lower face
                mask = np.zeros((SIDE, SIDE), np.uint8)
                jaw_line = where[[points.at(n) for n in ("left.jaw.2", "left.jaw.5", "left.jaw.8", "chin", "right.jaw.8", "right.jaw.5", "right.jaw.2", "nose.bridge")]]
                jaw_line[-1] += (where[points.at("nose.base")] - jaw_line[-1]) * rng.uniform(0.3, 1)
                cv2.fillPoly(mask, [jaw_line.astype(np.int32)], 255, cv2.LINE_AA)
                props.paint(x, over, mask, props.cloth(rng, SIDE) * props.round_light(mask, rng, 0.2)[..., None])
            hull = np.zeros((SIDE, SIDE), np.uint8)
            cv2.fillConvexPoly(hull, cv2.convexHull(where.astype(np.int32)), 1)
            share = float((over * hull).sum() / max(hull.sum(), 1))
            properties[5] = 1.0 if share > 0.06 else (properties[5] if share < 0.01 else -1.0)
        roll_deg, pose = roll_now(), [float(yaw), float(pitch)]
        if rng.random() < 0.5:
            x = x[:, ::-1]
            where = (np.float32([SIDE - 1, 0]) + where * np.float32([-1, 1]))[points.MIRROR]
            pose[0], roll_deg = -pose[0], -roll_deg
            properties[:2] = properties[1], properties[0]
        x = compose.spoil(rng, np.ascontiguousarray(x))
        row = np.concatenate([where.ravel(), pose, [roll_deg, float(np.clip(jaw / 0.5, 0, 1)), float(np.clip(smile, 0, 1))], properties])
        return np.ascontiguousarray(x[..., ::-1]), row.astype(np.float32)


def main():
    """python faces.py PACK LABELS.npz OUT.png: a sheet of samples to look at."""
    import sys
    import time

    cv2.setNumThreads(1)
    source, tiles = Faces(sys.argv[1], sys.argv[2], 1), []
    start = time.time()
    for _ in range(70):
        picture, row = source.sample()
        shown = cv2.resize(picture[..., ::-1], (256, 256))
        where = row[: 2 * len(points.NAMES)].reshape(-1, 2)
        for x, y in (where[np.isfinite(where[:, 0])] + 0.5) * 2 - 0.5:
            cv2.circle(shown, (round(float(x)), round(float(y))), 1, (0, 255, 0), -1)
        tail = row[2 * len(points.NAMES) :]
        cv2.putText(shown, " ".join(f"{v:.0f}" for v in tail[:3]) + " | " + " ".join(f"{v:.1f}" for v in tail[3:5]), (2, 12), 0, 0.4, (0, 255, 255))
        cv2.putText(shown, " ".join("-" if v < 0 else f"{v:.1f}" for v in tail[5:]), (2, 250), 0, 0.4, (0, 255, 255))
        tiles.append(shown)
    print(f"{(time.time() - start) / 70 * 1e3:.1f} ms a sample, with decoding")
    cv2.imwrite(sys.argv[3], np.vstack([np.hstack(tiles[i : i + 10]) for i in range(0, 70, 10)]))


if __name__ == "__main__":
    main()
