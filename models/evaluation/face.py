"""The face net on the dev split: points against those that people placed, properties against what was seen by eye, and, where
there is no truth, how far it agrees with the teachers (called agreement everywhere, because a teacher is never the truth)."""

import csv
import os

import cv2
import numpy as np

import dev
import measures
import ours
import sheet
import compose
import faces
import points
import teachers

IRISES = [points.at("left.iris"), points.at("right.iris")]
# Points of human_189.csv that are ours too. Its README names the pupils only; the others were read off the pictures.
HUMAN = {
    "pupils": ((0, "left.iris"), (1, "right.iris")),
    "eye corners": ((18, "left.eye.outer"), (22, "left.eye.inner"), (23, "right.eye.inner"), (27, "right.eye.outer")),
    "mouth corners": ((87, "left.mouth.corner"), (93, "right.mouth.corner")),
    "chin": ((129, "chin"),),
}
# The columns of "properties". A score at the threshold or over it is a yes; both eyes have the threshold "eye_open".
PROPERTIES = ("mouth_open", "smile", "left_eye_open", "right_eye_open", "glasses", "dark_glasses", "headwear", "occluded")
BY_EYE = {"glasses": "glasses", "dark_glasses": "dark", "headwear": "headwear", "occluded": "occluded"}  # columns of attributes.csv
# The teacher's blendshapes (0 to 1) over which it says so; between the two it is not asked.
TEACHER_SAYS = {"mouth_open": ("jawOpen", 0.08, 0.25), "smile": ("smile", 0.15, 0.5)}
TEACHER_CLOSED, TEACHER_OPEN = 0.55, 0.3  # eyeBlink


class Net:
    """One of ours, as the edge calls it: a crop by five points, then the points back in the picture."""

    def __init__(self, path):
        self._net = teachers.session(path)

    def __call__(self, bgr, five):
        """-> (points float32 [p, 2] in pixels of the picture, pose [3] in degrees, properties [8])."""
        x, m = crop(bgr, five)
        where, pose, properties = self.on_crop(x)
        return (where * faces.SIDE - 0.5 - m[:, 2]) @ np.linalg.inv(m[:, :2]).T, pose, properties

    def on_crop(self, x):
        """uint8 [128, 128, 3] BGR -> (points [p, 2] in crop widths, pose [3], properties [8])."""
        return [part[0] for part in ours.run(self._net, tensor(x), ["points", "pose", "properties"])]


def crop(bgr, five):
    """The aligned crop uint8 [128, 128, 3] BGR and the map 2 x 3 from the picture to it."""
    m = faces.align(five)
    return compose.warp(bgr, m, faces.SIDE), m


def tensor(crop):
    """uint8 [128, 128, 3] BGR -> the input of ours.run, float32 [1, 3, 128, 128], RGB, 0..1."""
    return np.ascontiguousarray(crop[..., ::-1].transpose(2, 0, 1)[None], np.float32) / 255


def limit(thresholds, name):
    """The threshold of a property."""
    return thresholds["eye_open" if name.endswith("eye_open") else name]


def human(split):
    """[(row, points float32 [189, 2])] of the dev pictures that people marked. The pupils are in the order of the picture."""
    with open(os.path.join(split.data, "landmarks", "human_189.csv"), newline="") as f:
        placed = {r["file"]: np.float32([[float(r[f"x{i}"]), float(r[f"y{i}"])] for i in range(189)]) for r in csv.DictReader(f)}
    return [(row, placed[row["file"]]) for row in split.rows if row["file"] in placed and split.face(row["file"])]


def iris_errors(split, net):
    """Distance of both irises from the pupils that people marked, in pupil distances: float [2 x pictures].
    net(bgr, five) -> points [p, 2]."""
    errors = []
    for row, placed in human(split):
        found = net(split.read(row["file"]), split.face(row["file"])["points"])[IRISES]
        errors.extend(measures.apart(found, placed[:2], np.hypot(*(placed[1] - placed[0]))))
    return np.array(errors)


def gate(split, before, after):
    """As matte.gate: the mean iris error may rise by .3 % of the pupil distance."""
    a, b = (100 * iris_errors(split, lambda bgr, five, net=net: net(bgr, five)[0]).mean() for net in (before, after))
    lines = [f"iris error {a:.2f} % of the pupil distance float, {b:.2f} % int8"]
    return ([f"the iris error rises by {b - a:.2f} % of the pupil distance, more than .3 %"] if b - a > 0.3 else []), lines


def predict(split, net, rows):
    """[(row, face, points, pose, properties)] of the rows with a face, its crop made by YuNet's points."""
    out = []
    for row in rows:
        face = split.face(row["file"])
        if face:
            out.append((row, face, *net(split.read(row["file"]), face["points"])))
    return out


def labels(split, row):
    """{property: True or False, where it is known}: what it wears by eye, the rest as the teacher says."""
    told = split.worn(row)
    out = {name: told[column] for name, column in BY_EYE.items() if told.get(column) is not None}
    says = split.teacher.get(row["file"], {})
    if says.get("jawOpen") is None:
        return out
    says = {**says, "smile": (says["mouthSmileLeft"] + says["mouthSmileRight"]) / 2}
    for name, (column, least, most) in TEACHER_SAYS.items():
        if says[column] < least or says[column] > most:
            out[name] = says[column] > most
    if not told.get("dark"):
        # The teacher's left is the person's: our right.
        for name, column in (("left_eye_open", "eyeBlinkRight"), ("right_eye_open", "eyeBlinkLeft")):
            if says[column] > TEACHER_CLOSED or says[column] < TEACHER_OPEN:
                out[name] = says[column] < TEACHER_OPEN
    return out


def evaluate(split, path, thresholds, report, sheets=None, most=None, detector=None):
    """Scores the net at path, the mesh beside it, into report. thresholds {name: number}; detector(bgr) -> rows [k, 15], to score
    the two together as well."""
    net, mesh = Net(path), teachers.Mesh(os.path.join(split.data, "weights"))
    on_human_points(split, net, mesh, detector, report)
    found = predict(split, net, split.of(*dev.PORTRAITS)[:most])
    agreement(split, found, mesh, report)
    properties(split, found, thresholds, report)
    drawn(split, net, mesh, thresholds, report, most)
    if sheets:
        worst_sheet(split, found, thresholds, os.path.join(sheets, f"{report.name}-worst.png"))


def on_human_points(split, net, mesh, detector, report):
    everyone = {report.name: lambda bgr, five: net(bgr, five)[0], "MediaPipe face mesh": lambda bgr, five: mesh(bgr, five)[0][points.MESH]}
    if detector:

        def alone(bgr, five):
            best = detector(bgr)
            return net(bgr, best[0, 5:].reshape(5, 2) if len(best) else five)[0]

        everyone["our detector, then " + report.name] = alone
    marked, lines, groups = human(split), [], {}
    for who, find in everyone.items():
        errors = {what: [] for what in HUMAN}
        for row, placed in marked:
            where = find(split.read(row["file"]), split.face(row["file"])["points"])
            unit = np.hypot(*(placed[1] - placed[0]))
            for what, pairs in HUMAN.items():
                theirs, ours = zip(*((t, points.at(o)) for t, o in pairs))
                errors[what].append(measures.apart(where[list(ours)], placed[list(theirs)], unit) * 100)
        all_eyes = np.concatenate(errors["pupils"])
        means = (f"{np.mean(np.concatenate(e)):.2f}" for e in errors.values())
        lines.append([who, *means, f"{np.percentile(all_eyes, 95):.2f}"])
        groups[who] = dev.grouped([row for row, _ in marked], split, errors["pupils"])
        prefix = {report.name: "", "MediaPipe face mesh": "teacher_"}.get(who, "with_detector_")
        for what, e in errors.items():
            key = {"pupils": "iris"}.get(what, what.replace(" ", "_"))
            report.figure(f"{prefix}{key}_error_percent", np.mean(np.concatenate(e)))
        report.figure(f"{prefix}iris_error_p95_percent", np.percentile(all_eyes, 95))
    head = ["net", "iris", *list(HUMAN)[1:], "iris, 95th percentile"]
    report.table(f"Points that people placed: {len(marked)} pictures, mean error in % of the pupil distance", head, lines)
    rows = []
    for (what, group, own), (_, _, theirs) in zip(groups[report.name], groups["MediaPipe face mesh"]):
        rows.append([what, group, len(own), f"{np.mean(own):.2f}", f"{np.mean(theirs):.2f}"])
        if len(own) >= dev.ENOUGH:
            report.figure(f"iris_error_percent_{dev.slug(what, group)}", np.mean(own))
    report.table("Iris error by group", ["group", "", "people", report.name, "mesh"], rows)


def agreement(split, found, mesh, report):
    """How far points and pose are from the teachers', on portraits of all sets."""
    rows, apart, turned = [], [], []
    for row, face, where, pose, _ in found:
        theirs, presence = mesh(split.read(row["file"]), face["points"])
        says = split.teacher[row["file"]]
        if presence < 0.9 or says["yaw"] is None:
            continue
        theirs = theirs[points.MESH]
        unit = np.hypot(*(theirs[IRISES[1]] - theirs[IRISES[0]]))
        rows.append(row)
        apart.append(100 * measures.apart(where, theirs, unit).mean())
        turned.append([abs(float(pose[i]) - says[k]) for i, k in enumerate(("yaw", "pitch", "roll"))])
    lines = [["all", "", len(rows), f"{np.mean(apart):.2f}", *(f"{v:.1f}" for v in np.mean(turned, 0))]]
    for (what, group, a), (_, _, t) in zip(dev.grouped(rows, split, apart), dev.grouped(rows, split, turned)):
        lines.append([what, group, len(a), f"{np.mean(a):.2f}", *(f"{v:.1f}" for v in np.mean(t, 0))])
        if len(a) >= dev.ENOUGH:
            report.figure(f"agreement_points_percent_{dev.slug(what, group)}", np.mean(a))
    report.figure("agreement_points_percent", np.mean(apart))
    for name, value in zip(("yaw", "pitch", "roll"), np.mean(turned, 0)):
        report.figure(f"agreement_{name}_degrees", value)
    head = ["group", "", "faces", "all points, % of the pupil distance", "yaw °", "pitch °", "roll °"]
    report.table("Agreement with the teachers (mesh and pose), mean difference: not the truth", head, lines)


def properties(split, found, thresholds, report):
    """False accepts and rejects at the thresholds."""
    lines, groups = [], []
    for i, name in enumerate(PROPERTIES):
        known = [(row, float(p[i]), labels(split, row)[name]) for row, _, _, _, p in found if name in labels(split, row)]
        if not known:
            continue
        accepts, noes, rejects, yeses = measures.mistakes([s for _, s, _ in known], [t for *_, t in known], limit(thresholds, name))
        source = "by eye" if name in BY_EYE else "agreement"
        lines.append([name, source, f"{limit(thresholds, name):.2f}", f"{accepts} of {noes}", f"{rejects} of {yeses}"])
        for what, wrong, of in (("false_accept", accepts, noes), ("false_reject", rejects, yeses)):
            if of:
                report.figure(f"{name}_{what}", wrong / of)
        if name in ("glasses", "headwear"):
            for what, group, values in dev.grouped([row for row, *_ in known], split, known):
                if what in ("skin", "age"):
                    a, n, r, y = measures.mistakes([s for _, s, _ in values], [t for *_, t in values], limit(thresholds, name))
                    groups.append([name, what, group, f"{a} of {n}", f"{r} of {y}"])
    report.table("Properties at their thresholds", ["property", "truth", "threshold", "false accepts", "false rejects"], lines)
    report.table("Glasses and headwear by group", ["property", "group", "", "false accepts", "false rejects"], groups)
    report.note(
        "Mouth, smile and eyes are compared with the teacher's blendshapes where it is sure (agreement, not truth); glasses, dark "
        "glasses, headwear and occlusion with what was seen by eye. Skin is measured on the picture, age is what the synthetic "
        "picture was asked for. For counts this small a rate says little: read the counts."
    )


def drawn(split, net, mesh, thresholds, report, most):
    """Eyes of dev people closed by pulling the upper lid down along the mesh's points: a known truth for what the dev split lacks."""
    lines = []
    shut = {0.0: [], 0.5: [], 1.0: []}
    for row in split.of("london", "canada", "house")[:most]:
        face = split.face(row["file"])
        if not face or split.worn(row).get("glasses"):
            continue
        picture = split.read(row["file"])
        x, m = crop(picture, face["points"])
        where = mesh(picture, face["points"])[0][points.MESH] @ m[:, :2].T + m[:, 2]
        for share in shut:
            closed, moved = x, where.copy()
            if share:
                for side in ("left", "right"):
                    closed = faces.close(closed, moved, side, share)
            shut[share].extend(net.on_crop(closed)[2][2:4])
    least = thresholds["eye_open"]
    for share, scores in shut.items():
        opened = int((np.array(scores) >= least).sum())
        lines.append([f"{100 * share:.0f} %", len(scores), opened, f"{np.mean(scores):.2f}"])
    report.figure("drawn_closed_called_open", (np.array(shut[1.0]) >= least).mean())
    report.figure("drawn_open_called_closed", (np.array(shut[0.0]) < least).mean())
    report.table("Eyes closed by drawing, on keyed dev people", ["lid pulled down", "eyes", "called open", "mean score"], lines)


def worst_sheet(split, found, thresholds, path):
    """The ten faces whose irises are farthest from YuNet's eyes or whose properties are most wrong, with what was said of them."""
    judged = []
    for row, face, where, pose, p in found:
        five = np.float32(face["points"])
        off = measures.apart(where[IRISES], five[:2], np.hypot(*(five[1] - five[0]))).mean()
        known = labels(split, row)
        wrong = [name for i, name in enumerate(PROPERTIES) if name in known and (p[i] >= limit(thresholds, name)) != known[name]]
        surest = max((abs(float(p[PROPERTIES.index(name)]) - limit(thresholds, name)) for name in wrong), default=0)
        judged.append((off + surest, row, face, where, pose, wrong))
    tiles = []
    for score, row, face, where, pose, wrong in sorted(judged, key=lambda j: -j[0])[:10]:
        m = faces.align(face["points"]) * 3
        shown = cv2.warpAffine(split.read(row["file"]), m, (3 * faces.SIDE, 3 * faces.SIDE))
        for x, y in where @ m[:, :2].T + m[:, 2]:
            cv2.circle(shown, (round(float(x)), round(float(y))), 1, (0, 255, 0), -1)
        cv2.putText(shown, " ".join(f"{v:.0f}" for v in pose), (4, 14), 0, 0.45, (0, 255, 255))
        cv2.putText(shown, "wrong: " + (", ".join(wrong) or "-"), (4, 376), 0, 0.45, (0, 255, 255))
        tiles.append(sheet.tile(shown, f"{score:.2f} {row['file']}", (384, 402)))
    sheet.write(path, tiles, 5)
