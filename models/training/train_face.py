"""Trains the face net from random weights:

    python train_face.py PACK LABELS.npz OUT [--minutes 60 | --steps 50] [--resume] [--cores 0,1] [--device cpu]

OUT is used as train_matte.py uses it.
"""

import torch
from torch.nn import functional as F

import faces
import nets
import points
from running import Run, begin, parser

PEAK = 2e-3
WARM_UP = 200  # steps
BATCH = 64
EYES = 4  # times that an eye's openness counts among the properties
SAVE_SECONDS = 120
POINTS = len(points.NAMES)


def weights():
    """How much a point counts: lids and lips three times, irises and corners of the eyes double, the outline of the face (where the teacher itself is loose) half."""
    w = torch.ones(POINTS)
    for i, name in enumerate(points.NAMES):
        if "lid" in name or "lip" in name:
            w[i] = 3  # what opens and shuts is a few pixels high
        elif "iris" in name or "eye." in name:
            w[i] = 2
        elif "jaw" in name or "forehead" in name or "temple" in name:
            w[i] = 0.5
    return w / w.mean()


def loss(found, row, weight):
    """found: what nets.Face returns; row [n, 2 p + 11] as faces.Faces gives it (NaN: not judged) -> (points, numbers, properties), scalars.
    The first is the weighted mean error along x and y in spans of faces.SPAN pixels, so about pupil distances."""
    where, numbers, logits = (f.float() for f in found)
    k = 2 * POINTS
    wanted = row[:, :k].reshape(-1, POINTS, 2)
    # Pixel centres: x = -.5 is the left edge of the crop, 0 of the net's answer.
    pointed = torch.isfinite(wanted[:, :1, :1]).float()
    off = (where * faces.SIDE - 0.5 - wanted.nan_to_num()).abs() * weight[None, :, None] / faces.SPAN * pointed
    scale = row.new_tensor([30, 30, 30, 1, 1])
    aim = (row[:, k : k + 5] / scale).nan_to_num()
    # Mouths are shut on nearly all of them: an absolute error would be content to say so always.
    number = torch.cat([F.smooth_l1_loss(numbers[:, :3], aim[:, :3], beta=0.05, reduction="none"), 4 * (numbers[:, 3:] - aim[:, 3:]).square()], 1) * pointed[:, :, 0]
    share = pointed.mean().clamp(min=0.01)
    target = row[:, k + 5 :]
    judged = (target >= 0).float() * row.new_tensor([EYES, EYES, 1, 1, 1, 1])
    each = F.binary_cross_entropy_with_logits(logits, target.clamp(0, 1), reduction="none")
    return off.mean() / share, number.mean() / share, (each * judged).sum() / (judged.sum() + 1)


def main():
    flags = parser(__doc__, 60, PEAK)
    flags.add_argument("pack")
    flags.add_argument("labels")
    flags.add_argument("out")
    args = flags.parse_args()
    begin(args)
    net = nets.Face(POINTS).to(args.device, memory_format=torch.channels_last)
    run = Run(args, net, "face", WARM_UP, SAVE_SECONDS, ["rate", "points", "numbers", "properties"])
    weight = weights().to(args.device)

    def step(half, x, row):
        with half:
            found = net(x)
        each = loss(found, row, weight)
        return 4 * each[0] + 2 * each[1] + each[2], each

    parts = [((faces.SIDE, faces.SIDE, 3), "uint8"), ((2 * POINTS + 11,), "float32")]
    run.train("faces:Faces", (args.pack, args.labels), (), parts, BATCH, step)
    run.finish()


if __name__ == "__main__":
    main()
