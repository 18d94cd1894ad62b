"""The detector on the dev split: faces missed, faces seen where there are none, people counted, and, because nobody drew boxes,
its agreement with YuNet's boxes and points."""

import os

import cv2
import numpy as np

import dev
import matte
import measures
import ours
import sheet
import teachers

SIDE = 320
OVERLAP = 0.45  # IoU over which non-maximum suppression takes the weaker box for the same face
INSIDE = 0.6  # of the smaller box within the larger, likewise: an eye or a nose is no second face
SAME = 0.3  # IoU with YuNet's box from which a face counts as found


def letterbox(bgr):
    """uint8 [h, w, 3] BGR -> (input of ours.run, float32 [1, 3, 320, 320] RGB 0..1, scale, left, top): the long side becomes 320, the
    picture is centred, the rest is grey."""
    h, w = bgr.shape[:2]
    k = SIDE / max(h, w)
    size = max(1, round(w * k)), max(1, round(h * k))
    small = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    x = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    x[top : top + size[1], left : left + size[0]] = small[..., ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(x.transpose(2, 0, 1)[None]), k, left, top


def suppress(rows):
    """Non-maximum suppression of rows [k, 15], score first and box next: the kept rows, best first."""
    kept = []
    for row in rows[np.argsort(-rows[:, 0], kind="stable")]:
        if all(measures.box_iou(row[1:5], k[1:5]) <= OVERLAP and measures.box_inside(row[1:5], k[1:5]) <= INSIDE for k in kept):
            kept.append(row)
    return np.array(kept, np.float32).reshape(-1, 15)


class Net:
    """One of ours, as the edge calls it."""

    def __init__(self, path, threshold):
        self._net, self.threshold = teachers.session(path), threshold

    def __call__(self, bgr, threshold=None):
        """uint8 [h, w, 3] BGR -> faces float32 [k, 15]: score, box, five points in pixels of the picture; best first."""
        x, k, left, top = letterbox(bgr)
        rows = ours.run(self._net, x)[0][0]
        rows = suppress(rows[rows[:, 0] >= (self.threshold if threshold is None else threshold)])
        # Pixel centres on both sides: x = (x' + .5) k - .5 + left.
        rows[:, 1::2] = (rows[:, 1::2] - left + 0.5) / k - 0.5
        rows[:, 2::2] = (rows[:, 2::2] - top + 0.5) / k - 0.5
        return rows


class Yunet:
    """YuNet at 320 px as it is used with its own decoder in OpenCV, fed with the same letterbox."""

    threshold = 0.6

    def __init__(self, weights):
        path = os.path.join(weights, "yunet-n", "yunet_n_320_320.onnx")
        self._net = cv2.FaceDetectorYN.create(path, "", (SIDE, SIDE), self.threshold, 0.3)

    def __call__(self, bgr):
        x, k, left, top = letterbox(bgr)
        picture = np.ascontiguousarray((x[0].transpose(1, 2, 0)[..., ::-1] * 255 + 0.5).astype(np.uint8))
        found = self._net.detect(picture)[1]
        if found is None:
            return np.zeros((0, 15), np.float32)
        rows = np.concatenate([found[:, 14:], found[:, :2], found[:, :2] + found[:, 2:4], found[:, 4:14]], 1)
        rows[:, 1::2] = (rows[:, 1::2] - left) / k
        rows[:, 2::2] = (rows[:, 2::2] - top) / k
        return rows


def views(picture):
    """A picture, and its four quarters."""
    h, w = picture.shape[0] // 2, picture.shape[1] // 2
    return [picture] + [picture[y : y + h, x : x + w] for y in (0, h) for x in (0, w)]


def found_in(split, net, row):
    """The detection that is the face of a portrait, or None."""
    face = split.face(row["file"])
    same = [r for r in net(split.read(row["file"])) if not face or measures.box_iou(r[1:5], face["box"]) >= SAME]
    return same[0] if same else None


def gate(split, before, after):
    """As matte.gate: no face of a portrait may be lost."""
    rows = split.of(*dev.PORTRAITS)
    has = [[found_in(split, net, row) is not None for row in rows] for net in (before, after)]
    lost = [row["file"] for row, a, b in zip(rows, *has) if a and not b]
    return [f"the face of {name} is lost" for name in lost], [f"faces found in {len(rows)} portraits: {sum(has[0])} float, {sum(has[1])} int8"]


def crowds(split, count=60):
    """Yields (how many people, picture uint8 [480, 640, 3] BGR): keyed dev people side by side in dev scenes."""
    people = [r for r in split.rows if r["mask"] and split.face(r["file"])]
    scenes = [r["file"] for r in split.rows if r["set"].startswith("bg_")]
    for i in range(count):
        rng, many = matte.seeded(f"crowd {i}"), 1 + i % 3
        picture = cv2.resize(split.read(scenes[rng.integers(len(scenes))]), (640, 480)).astype(np.float32)
        for place in range(many):
            row = people[rng.integers(len(people))]
            (x0, y0, x1, _), face = split.face(row["file"])["box"], rng.uniform(60, 130)
            k = face / (x1 - x0)
            at = 640 * (place + 0.5) / many + rng.uniform(-20, 20), rng.uniform(0.25, 0.45) * 480
            m = np.float32([[k, 0, at[0] - k * (x0 + x1) / 2], [0, k, at[1] - k * y0]])
            reduce = min(1.0, 1.5 * k)
            shrunk = lambda p: cv2.resize(p, None, fx=reduce, fy=reduce, interpolation=cv2.INTER_AREA)
            m[:, :2] /= reduce
            colours, alpha = shrunk(split.read(row["file"])), shrunk(cv2.imread(os.path.join(split.data, row["mask"]), cv2.IMREAD_GRAYSCALE))
            a = cv2.warpAffine(alpha, m, (640, 480)).astype(np.float32)[..., None] / 255
            a[: int(at[1] - face)] = 0
            picture += (cv2.warpAffine(colours, m, (640, 480), borderMode=cv2.BORDER_REPLICATE) - picture) * a
        yield many, np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def evaluate(split, path, thresholds, report, sheets=None, most=None):
    """Scores the net at path, YuNet beside it, into report; thresholds: {"score"}."""
    nets = {report.name: Net(path, thresholds["score"]), "YuNet": Yunet(os.path.join(split.data, "weights"))}
    missed = recall(split, nets, report, most)
    false = emptiness(split, nets, report, most)
    counting(split, nets, report, most)
    if sheets:
        tiles = [sheet.tile(split.read(name), f"missed {name}") for name in missed]
        tiles += [sheet.tile(boxed(picture, rows), f"false {rows[0, 0]:.2f} {name}") for name, picture, rows in false]
        tiles += weakest(split, nets[report.name], most)
        sheet.write(os.path.join(sheets, f"{report.name}-worst.png"), tiles[:20], 5)


def recall(split, nets, report, most):
    """Faces found in the portraits, by group, and the agreement of boxes and points with YuNet's. Returns the files missed."""
    rows, lines, named, own = split.of(*dev.PORTRAITS)[:most], [], [], None
    for who, net in nets.items():
        found = [found_in(split, net, row) for row in rows]
        missed = [row["file"] for row, f in zip(rows, found) if f is None]
        several = [row["file"] for row in rows if len(net(split.read(row["file"]))) > 1]
        lines.append([who, f"{net.threshold:.2f}", len(rows), len(rows) - len(missed), len(several)])
        named += [f"{who} {verb} {', '.join(files)}." for verb, files in (("misses", missed), ("sees several in", several)) if files]
        prefix = "" if who == report.name else "teacher_"
        report.figure(f"{prefix}recall", 1 - len(missed) / len(rows))
        report.figure(f"{prefix}portraits_with_several_faces", len(several), 0)
        if who == report.name:
            own, names = found, missed
    head = ["net", "score at least", "portraits", "face found", "several found"]
    report.table("A face in every portrait of the dev split", head, lines)
    if named:
        report.note(" ".join(named))
    boxes, apart = [], []
    for row, f in zip(rows, own):
        face = split.face(row["file"])
        if f is not None and face:
            five = np.float32(face["points"])
            boxes.append(measures.box_iou(f[1:5], face["box"]))
            apart.append(100 * measures.apart(f[5:].reshape(5, 2), five, np.hypot(*(five[1] - five[0]))).mean())
    report.figure("agreement_box_iou", np.mean(boxes))
    report.figure("agreement_points_percent", np.mean(apart))
    report.note(
        f"Agreement with YuNet's labels (not the truth): boxes IoU {np.mean(boxes):.3f} in the mean, five points "
        f"{np.mean(apart):.1f} % of the eye distance apart."
    )
    scores = [0.0 if f is None else float(f[0]) for f in own]
    lines = []
    for what, group, values in dev.grouped(rows, split, scores):
        lines.append([what, group, len(values), sum(v == 0 for v in values), f"{np.mean(values):.3f}", f"{np.min(values):.3f}"])
        if len(values) >= dev.ENOUGH:
            report.figure(f"recall_{dev.slug(what, group)}", np.mean([v > 0 for v in values]))
    report.table("Portraits by group", ["group", "", "portraits", "missed", "mean score", "lowest"], lines)
    return names


def emptiness(split, nets, report, most):
    """Faces seen in scenes without people and in pictures that are no portrait. Returns [(name, picture, rows)] of ours."""
    scenes = [r["file"] for r in split.rows if r["set"].startswith("bg_")][:most]
    lines, named, false = [], [], []
    for who, net in nets.items():
        whole, parts, listed = 0, 0, []
        for name in scenes:
            for i, view in enumerate(views(split.read(name))):
                rows = net(view)
                whole, parts = whole + (i == 0 and len(rows) > 0), parts + (i > 0 and len(rows) > 0)
                if len(rows):
                    listed.append(f"{name}{'' if i == 0 else f' (quarter {i})'}")
                    if who == report.name:
                        false.append((listed[-1], view, rows))
        lines.append([who, f"{whole} of {len(scenes)}", f"{parts} of {4 * len(scenes)}"])
        named += [f"{who}: {', '.join(listed)}."] if listed else []
        prefix = "" if who == report.name else "teacher_"
        report.figure(f"{prefix}backgrounds_with_a_face", whole, 0)
        report.figure(f"{prefix}background_quarters_with_a_face", parts, 0)
    report.table("Faces in scenes without people", ["net", "scenes", "their quarters"], lines)
    if named:
        report.note(" ".join(named))
    head, lines = ["picture", "asked for", *nets], []
    for row in split.of("t2i_neg"):
        seen = (len(net(split.read(row["file"]))) for net in nets.values())
        lines.append([row["file"], ", ".join(sorted(split.tags[row["file"]])), *seen])
    report.table("Faces seen in pictures that are no portrait", head, lines)
    return false


def counting(split, nets, report, most):
    """Are one, two and three people counted as that many?"""
    right = {who: {1: [], 2: [], 3: []} for who in nets}
    for many, picture in crowds(split, most or 60):
        for who, net in nets.items():
            right[who][many].append(len(net(picture)))
    lines = []
    for who, counts in right.items():
        lines.append([who, *(f"{sum(c == n for c in seen)} of {len(seen)}" for n, seen in counts.items())])
        exact = np.mean([c == n for n, seen in counts.items() for c in seen])
        report.figure(f"{'' if who == report.name else 'teacher_'}people_counted", exact)
    report.table("People put side by side, counted right", ["net", "one", "two", "three"], lines)


def boxed(picture, rows):
    """The picture with boxes and points drawn."""
    out = picture.copy()
    for row in rows:
        x0, y0, x1, y1 = (int(v) for v in row[1:5])
        cv2.rectangle(out, (x0, y0), (x1, y1), (0, 255, 0), 2)
        for x, y in row[5:].reshape(5, 2):
            cv2.circle(out, (int(x), int(y)), 2, (0, 0, 255), -1)
    return out


def weakest(split, net, most, count=10):
    """Tiles of the portraits whose faces have the lowest scores."""
    seen = [(row, net(split.read(row["file"]))) for row in split.of(*dev.PORTRAITS)[:most]]
    seen = sorted(((float(rows[0, 0]), row, rows) for row, rows in seen if len(rows)), key=lambda s: s[0])[:count]
    return [sheet.tile(boxed(split.read(row["file"]), rows), f"{score:.2f} {row['file']}") for score, row, rows in seen]
