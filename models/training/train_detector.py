"""Trains the detector from random weights:

    python train_detector.py PACK OUT [--minutes 90 | --steps 50] [--resume] [--cores 0,1] [--device cpu]

OUT is used as train_matte.py uses it.
"""

import argparse
import copy
import csv
import math
import os
import signal
import time

import torch
from torch.nn import functional as F

import crowds
import nets
from loader import Loader
from running import average, keep, save

PEAK = 2e-3
WARM_UP = 200  # steps
BATCH = 16
SAVE_SECONDS = 120
# Side of a face (root of its box's area) in pixels that each stride answers for.
SIZES = ((0, 40), (40, 100), (100, 1e9))
NEAR = 0.8  # a cell answers for a face whose centre is this near to its own, in cells and along both axes


def targets(rows, stride, sizes, h, w):
    """What one map should say of faces rows [n, m, 15] (see crowds): (chosen bool, weight float, both [n, h, w], values
    [n, 14, h, w], scale [n, h, w] = the face's side in cells). weight is 0 on cells inside a face that do not answer for it."""
    x = ((torch.arange(w, device=rows.device) + 0.5) * stride)[None, None, None, :]
    y = ((torch.arange(h, device=rows.device) + 0.5) * stride)[None, None, :, None]
    there = rows[..., 0] > 0
    x0, y0, x1, y1 = (rows[..., i, None, None] for i in (1, 2, 3, 4))
    cx, cy, bw, bh = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0).clamp(min=1), (y1 - y0).clamp(min=1)
    side = (bw * bh).sqrt()
    near = torch.maximum((x - cx).abs(), (y - cy).abs()) / stride
    mine = there[..., None, None] & (side >= sizes[0]) & (side < sizes[1])
    answers = mine & (near < NEAR)
    inside = there[..., None, None] & ((x - cx).abs() < 0.4 * bw) & ((y - cy).abs() < 0.4 * bh)
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
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pack")
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--steps", type=int, default=0, help="run this many steps instead, for debugging")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--cores", default="", help="core of the trainer, then of each loader; empty: not pinned")
    parser.add_argument("--loaders", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    cores = [int(c) for c in args.cores.split(",") if c]
    if args.device == "cpu":
        torch.set_num_threads(1)
        if cores:
            os.sched_setaffinity(0, {cores[0]})
    torch.manual_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)
    last = os.path.join(args.out, "last.pt")
    net = nets.Detector().to(args.device, memory_format=torch.channels_last)
    ema = copy.deepcopy(net).eval()
    heavy = [p for p in net.parameters() if p.ndim == 4]
    light = [p for p in net.parameters() if p.ndim != 4]
    optimizer = torch.optim.AdamW([{"params": heavy, "weight_decay": 0.02}, {"params": light, "weight_decay": 0}], lr=PEAK, betas=(0.9, 0.99), foreach=True)
    done = {"steps": 0, "pictures": 0, "seconds": 0.0, "progress": 0.0}
    if args.resume:
        state = torch.load(last, map_location=args.device, weights_only=True)
        net.load_state_dict(state["net"])
        ema.load_state_dict(state["ema"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["done"]
    began, begun_at, before, steps_before = time.monotonic(), done["progress"], done["seconds"], done["steps"]
    budget = max(args.minutes * 60 - before, 1)
    stop = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.append(True))
    log = open(os.path.join(args.out, "log.csv"), "a", newline="")
    table = csv.writer(log, lineterminator="\n")
    if log.tell() == 0:
        table.writerow(["seconds", "steps", "pictures", "progress", "rate", "faces", "boxes", "points", "pictures_per_s"])
    net.train()
    half = torch.autocast(args.device.split(":")[0], torch.bfloat16)
    saved = shown = time.monotonic()
    sums, count = torch.zeros(3), 0

    def checkpoint():
        save(last, {"net": net.state_dict(), "ema": ema.state_dict(), "optimizer": optimizer.state_dict(), "done": done})
        keep(os.path.join(args.out, "kept.pt"), ema, "detector", done)

    parts = [((crowds.SIDE, crowds.SIDE, 3), "uint8"), ((crowds.MOST, 15), "float32")]
    with Loader("crowds:Crowds", (args.pack,), (), parts, BATCH, args.seed + 7 * done["steps"], cores[1:] or [None] * args.loaders) as loader:
        while not stop:
            at = (done["steps"] - steps_before) / args.steps if args.steps else begun_at + (1 - begun_at) * (time.monotonic() - began) / budget
            if at >= 1:
                break
            rate = PEAK * min((done["steps"] - steps_before + 1) / WARM_UP, 1) * (0.5 + 0.5 * math.cos(math.pi * at)) + 1e-6
            for group in optimizer.param_groups:
                group["lr"] = rate
            picture, rows = (torch.from_numpy(part).to(args.device) for part in loader.next())
            x = picture.permute(0, 3, 1, 2).float().div_(255)
            with half:
                maps = net(x)
            each = loss(maps, rows)
            optimizer.zero_grad(set_to_none=True)
            (each[0] + each[1] + 2 * each[2]).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0, foreach=True)
            optimizer.step()
            average(ema, net, done["steps"])
            done["steps"] += 1
            done["pictures"] += BATCH
            done["seconds"] = before + time.monotonic() - began
            done["progress"] = at
            sums += torch.stack([e.detach() for e in each]).cpu()
            count += 1
            now = time.monotonic()
            if now - shown > 20 or (args.steps and count == 10):
                table.writerow([round(done["seconds"]), done["steps"], done["pictures"], round(at, 4), f"{rate:.2e}", *(f"{v / count:.4f}" for v in sums.tolist()), f"{count * BATCH / (now - shown):.1f}"])
                log.flush()
                sums, count, shown = torch.zeros(3), 0, now
            if now - saved > SAVE_SECONDS:
                checkpoint()
                saved = now
    checkpoint()
    print(f"{done['pictures']} pictures in {done['seconds'] / 60:.1f} min, progress {done['progress']:.2f}")


if __name__ == "__main__":
    main()
