"""Trains the detector from random weights:

    python train_detector.py PACK OUT [--minutes 90 | --steps 50] [--resume] [--cores 0,1] [--device cpu]

OUT is used as train_matte.py uses it.
"""

import torch
from torch.nn import functional as F

import crowds
import nets
from running import Run, begin, parser

PEAK = 2e-3
WARM_UP = 200  # steps
BATCH = 16
SAVE_SECONDS = 120
# Side of a face (root of its box's area) in pixels that each stride answers for.
SIZES = ((0, 40), (40, 100), (100, 1e9))
BESIDE = 1.6  # up to here a cell of that stride, or of the next, is not judged
NEAR = 0.8  # a cell answers for a face whose centre is this near to its own, in cells and along both axes


def targets(rows, stride, sizes, h, w):
    """What one map should say of faces rows [n, m, 15] (see crowds): (chosen bool, weight float, both [n, h, w], values
    [n, 14, h, w], scale [n, h, w] = the face's side in cells). weight is 0 on cells beside a face's centre that do not answer for it."""
    x = ((torch.arange(w, device=rows.device) + 0.5) * stride)[None, None, None, :]
    y = ((torch.arange(h, device=rows.device) + 0.5) * stride)[None, None, :, None]
    there = rows[..., 0] > 0
    x0, y0, x1, y1 = (rows[..., i, None, None] for i in (1, 2, 3, 4))
    cx, cy, bw, bh = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0).clamp(min=1), (y1 - y0).clamp(min=1)
    side = (bw * bh).sqrt()
    near = torch.maximum((x - cx).abs(), (y - cy).abs()) / stride
    mine = there[..., None, None] & (side >= sizes[0]) & (side < sizes[1])
    answers = mine & (near < NEAR)
    # A cell that is nearly as near may say either; an eye or a nose, seen at a finer stride, is no face.
    fits = there[..., None, None] & (side >= sizes[0] / 2) & (side < 2 * sizes[1])
    inside = fits & (near < BESIDE)
    which = torch.where(answers, near, torch.full_like(near, 1e9)).argmin(1)  # the nearest face of those that want the cell
    chosen = answers.any(1)
    weight = (chosen | ~inside.any(1)).float()
    take = lambda v: torch.gather(v.expand(-1, -1, h, w), 1, which[:, None])[:, 0]
    values = [(take(cx) - x[:, 0]) / stride, (take(cy) - y[:, 0]) / stride, torch.log(take(bw) / stride), torch.log(take(bh) / stride)]
    for i in range(5):
        values.append((take(rows[..., 5 + 2 * i, None, None]) - x[:, 0]) / stride)
        values.append((take(rows[..., 6 + 2 * i, None, None]) - y[:, 0]) / stride)
    return chosen, weight, torch.stack(values, 1), take(side) / stride


def loss(maps, rows):
    """(faces, boxes, points), scalars. Boxes and points err in parts of the face's side."""
    face = box = point = maps[0].new_zeros((), dtype=torch.float32)
    count = torch.zeros((), device=rows.device)
    for found, stride, sizes in zip(maps, nets.Detector.STRIDES, SIZES):
        found = found.float()
        chosen, weight, values, scale = targets(rows, stride, sizes, *found.shape[-2:])
        z, t = found[:, 0], chosen.float()
        p = torch.sigmoid(z)
        focal = F.binary_cross_entropy_with_logits(z, t, reduction="none") * (t - p).abs().square()
        face = face + (focal * weight * torch.where(chosen, 2.0, 1.0)).sum()
        off = (found[:, 1:] - values).abs()
        size = scale.clamp(min=0.5)
        box = box + ((off[:, :2].sum(1) / size + off[:, 2:4].sum(1)) * t).sum() / 4
        point = point + (off[:, 4:].sum(1) / size * t).sum() / 10
        count = count + t.sum()
    count = count.clamp(min=1)
    return face / count, box / count, point / count


def main():
    flags = parser(__doc__, 90, PEAK)
    flags.add_argument("pack")
    flags.add_argument("out")
    args = flags.parse_args()
    begin(args)
    net = nets.Detector().to(args.device, memory_format=torch.channels_last)
    run = Run(args, net, "detector", WARM_UP, SAVE_SECONDS, ["rate", "faces", "boxes", "points"])

    def step(half, x, rows):
        with half:
            maps = net(x)
        each = loss(maps, rows)
        return each[0] + each[1] + 2 * each[2], each

    parts = [((crowds.SIDE, crowds.SIDE, 3), "uint8"), ((crowds.MOST, 15), "float32")]
    run.train("crowds:Crowds", (args.pack,), (), parts, BATCH, step)
    run.finish()


if __name__ == "__main__":
    main()
