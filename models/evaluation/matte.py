"""The matte on the dev split. The truth is the 63 keyed mattes of dev.csv and nothing else: a teacher's mask is never the truth.

Each person stands in three dev scenes that are always the same: two busy ones and a plain one. The people are as they were
photographed: no clothes are recoloured and nothing is drawn on.
"""

import hashlib
import os

import cv2
import numpy as np

import dev
import measures
import ours
import sheet
import compose
import teachers

SIDE = 512
ORDER = ("iou", "biou", "sad", "mse", "grad", "conn")
SHOWN = {"iou": "IoU", "biou": "boundary IoU", "sad": "SAD k", "mse": "MSE e-3", "grad": "Grad", "conn": "Conn k"}
FIGURE = {"iou": "iou", "biou": "boundary_iou", "sad": "sad_k", "mse": "mse_e3", "grad": "grad", "conn": "conn_k"}


class Net:
    """One of ours, as the edge calls it."""

    def __init__(self, path):
        self._net = teachers.session(path)
        self._side = self._net.get_inputs()[0].shape[2]

    def __call__(self, bgr):
        """uint8 [h, w, 3] BGR, stretched to the net's square -> float32 [512, 512], 0..1."""
        a = np.clip(ours.run(self._net, tensor(bgr, self._side))[0][0, 0], 0, 1)
        return a if self._side == SIDE else cv2.resize(a, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)


def tensor(bgr, side):
    """uint8 [h, w, 3] BGR -> the input of ours.run, float32 [1, 3, side, side], RGB, 0..1; stretched by area averaging."""
    x = cv2.resize(bgr, (side, side), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(x[..., ::-1].transpose(2, 0, 1)[None], np.float32) / 255


def seeded(name):
    """A random generator that depends on a name alone."""
    return np.random.default_rng(int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))


def into_scene(rng, colours, alpha, five, scene, side=SIDE):
    """Puts a cut person into a scene -> (picture uint8 [side, side, 3] BGR, alpha float32 [side, side], map 2 x 3 that the person
    went through). colours and scene are uint8 BGR, alpha uint8; five: points of the face, 5 x 2, or None if there is none."""
    h, w = alpha.shape
    guess = [[w * 0.4, h * 0.45], [w * 0.6, h * 0.45], [w / 2, h * 0.55], [w * 0.42, h * 0.65], [w * 0.58, h * 0.65]]
    m = compose.place(rng, alpha, np.float32(guess if five is None else five), side, (0.75, 1.25), 5)
    x = cv2.warpAffine(colours, m, (side, side), borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    a = cv2.warpAffine(alpha, m, (side, side)).astype(np.float32) / 255
    behind = cv2.resize(scene, (side, side), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.clip(behind + (x - behind) * a[..., None] + 0.5, 0, 255).astype(np.uint8), a, m


def scenes(split, most=None):
    """Yields (row of dev.csv, name of the scene, busy, picture uint8 [512, 512, 3] BGR, alpha float32 [512, 512]); most: people."""
    plain = [r["file"] for r in split.of("bg_procedural")]
    busy = [r["file"] for r in split.rows if r["set"].startswith("bg_") and r["set"] != "bg_procedural"]
    for row in [r for r in split.rows if r["mask"]][:most]:
        colours = split.read(row["file"])
        alpha = cv2.imread(os.path.join(split.data, row["mask"]), cv2.IMREAD_GRAYSCALE)
        face, rng = split.face(row["file"]), seeded(row["file"])
        for backgrounds in (busy, busy, plain):
            name = backgrounds[rng.integers(len(backgrounds))]
            picture, a, _ = into_scene(rng, colours, alpha, face["points"] if face else None, split.read(name))
            yield row, name, backgrounds is busy, picture, a


def gate(split, before, after):
    """Faults, as sentences, of a quantized net after beside the float net before: (faults, [figures as text])."""
    found = {"before": [], "after": []}
    for _, _, busy, picture, truth in scenes(split):
        if busy:
            for who, net in (("before", before), ("after", after)):
                a = net(picture)
                found[who].append((measures.iou(a > 0.5, truth > 0.5), float(np.abs(a - truth).mean())))
    (iou, mae), (iou8, mae8) = (np.mean(found[k], 0) for k in ("before", "after"))
    lines = [f"busy scenes: IoU {iou:.4f} float, {iou8:.4f} int8; MAE {mae:.5f} float, {mae8:.5f} int8 ({100 * (mae8 / mae - 1):+.1f} %)"]
    faults = []
    if iou - iou8 > 0.003:
        faults.append(f"IoU drops by {iou - iou8:.4f}, more than .003")
    if mae8 > 1.05 * mae:
        faults.append(f"the mean |alpha difference| rises by {100 * (mae8 / mae - 1):.1f} %, more than 5 %")
    return faults, lines


def on_green(picture, alpha):
    """A picture with its background replaced by green, for looking at."""
    a = cv2.resize(alpha, picture.shape[1::-1])[..., None]
    return (picture * a + np.float32([0, 190, 0]) * (1 - a)).astype(np.uint8)


def evaluate(split, path, report, sheets=None, most=None):
    """Scores the net at path, the teachers beside it, into report; sheets: folder for the ten worst and for dev portraits."""
    ours, selfie = Net(path), teachers.Selfie(os.path.join(split.data, "weights"))
    teacher = lambda flip: lambda bgr: np.clip(cv2.resize(selfie(bgr, flip), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), 0, 1)
    nets = {report.name: ours, "MediaPipe selfie": teacher(False), "MediaPipe selfie, both ways": teacher(True)}
    judged, kept = {who: [] for who in nets}, []
    for row, scene, busy, picture, truth in scenes(split, most):
        for who, net in nets.items():
            alpha = net(picture)
            judged[who].append((row, busy, measures.matte(alpha, truth)))
            if who == report.name and busy:
                kept.append((judged[who][-1][2]["iou"], f"{row['file']} + {scene}", picture, truth, alpha))
    people = len({row["file"] for row, *_ in judged[report.name]})
    lines = []
    for who, each in judged.items():
        for kind in ("busy", "plain"):
            chosen = [f for _, busy, f in each if busy == (kind == "busy")]
            mean = {k: float(np.mean([f[k] for f in chosen])) for k in ORDER}
            lines.append([who, kind, len(chosen), *(f"{mean[k]:.4f}" if "iou" in k else f"{mean[k]:.2f}" for k in ORDER)])
            if who != "MediaPipe selfie, both ways":
                prefix = kind if who == report.name else f"teacher_{kind}"
                for k in ORDER:
                    report.figure(f"{prefix}_{FIGURE[k]}", mean[k])
    report.table(f"{people} people of the dev split in dev scenes, {SIDE} px", ["net", "scenes", "n", *SHOWN.values()], lines)
    by_group(split, judged, report)
    if sheets:
        worst = sorted(kept, key=lambda k: k[0])[:10]
        tiles = [sheet.tile(np.hstack([p, on_green(p, t), on_green(p, a)]), f"{score:.3f} {name}", (760, 272)) for score, name, p, t, a in worst]
        sheet.write(os.path.join(sheets, f"{report.name}-worst.png"), tiles, 2)
        sheet.write(os.path.join(sheets, f"{report.name}-portraits.png"), portraits(split, ours, nets["MediaPipe selfie, both ways"]), 4)


def by_group(split, judged, report):
    """The busy scenes by group, ours beside the better teacher."""
    chosen = {who: [(row, f) for row, busy, f in each if busy] for who, each in judged.items() if who != "MediaPipe selfie"}
    names = list(chosen)
    tables = {who: dev.grouped([r for r, _ in each], split, [(r["file"], f) for r, f in each]) for who, each in chosen.items()}
    lines = []
    for (what, group, own), (_, _, theirs) in zip(tables[names[0]], tables[names[1]]):
        mean = lambda values, k: float(np.mean([f[k] for _, f in values]))
        people = len({file for file, _ in own})
        lines.append([what, group, people, *(f"{mean(v, k):.4f}" for v in (own, theirs) for k in ("iou", "biou")), f"{mean(own, 'sad'):.2f}"])
        if people >= dev.ENOUGH:
            report.figure(f"busy_iou_{dev.slug(what, group)}", mean(own, "iou"))
    head = ["group", "", "people", f"IoU {names[0]}", "boundary IoU", f"IoU {names[1]}", "boundary IoU", f"SAD k {names[0]}"]
    report.table("Busy scenes by group", head, lines)
    report.note(
        "Skin is measured, not labelled: the individual typology angle of the cheeks (light over 41°, medium over 10°, dark), which "
        "follows the light as well. Glasses and headwear were seen by eye. Age is not labelled for these people."
    )


def portraits(split, *nets, count=40):
    """Tiles of dev portraits that have no truth: the picture, then each net's cut."""
    rows = split.of("t2i", "sfhq", "voteview")
    tiles = []
    for row in rows[:: max(1, len(rows) // count)][:count]:
        full = split.read(row["file"])
        small = cv2.resize(full, (256, 256), interpolation=cv2.INTER_AREA)
        tiles.append(sheet.tile(np.hstack([small, *(on_green(small, net(full)) for net in nets)]), row["file"], (256 * (1 + len(nets)), 274)))
    return tiles
