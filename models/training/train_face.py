"""Trains the face net from random weights:

    python train_face.py PACK LABELS.npz OUT [--minutes 60 | --steps 50] [--resume] [--cores 0,1] [--device cpu]

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

import faces
import nets
import points
from loader import Loader
from running import average, keep, save

PEAK = 2e-3
WARM_UP = 200  # steps
BATCH = 64
SAVE_SECONDS = 120
POINTS = len(points.NAMES)


def weights():
    """How much a point counts: eyes and irises double, the outline of the face (where the teacher itself is loose) half."""
    w = torch.ones(POINTS)
    for i, name in enumerate(points.NAMES):
        if "iris" in name or "lid" in name or "eye." in name:
            w[i] = 2
        elif "jaw" in name or "forehead" in name or "temple" in name:
            w[i] = 0.5
    return w / w.mean()


def loss(found, row, weight):
    """found: what nets.Face returns; row [n, 2 p + 11] as faces.Faces gives it -> (points, numbers, properties), scalars.
    The first is the weighted mean error along x and y in spans of faces.SPAN pixels, so about pupil distances."""
    where, numbers, logits = (f.float() for f in found)
    k = 2 * POINTS
    wanted = row[:, :k].reshape(-1, POINTS, 2)
    # Pixel centres: x = -.5 is the left edge of the crop, 0 of the net's answer.
    off = (where * faces.SIDE - 0.5 - wanted).abs() * weight[None, :, None] / faces.SPAN
    scale = row.new_tensor([30, 30, 30, 1, 1])
    number = F.smooth_l1_loss(numbers, row[:, k : k + 5] / scale, beta=0.05)
    target = row[:, k + 5 :]
    judged = (target >= 0).float()
    each = F.binary_cross_entropy_with_logits(logits, target.clamp(0, 1), reduction="none")
    return off.mean(), number, (each * judged).sum() / (judged.sum() + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pack")
    parser.add_argument("labels")
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=60)
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
    net = nets.Face(POINTS).to(args.device, memory_format=torch.channels_last)
    ema = copy.deepcopy(net).eval()
    heavy = [p for p in net.parameters() if p.ndim > 1]
    light = [p for p in net.parameters() if p.ndim == 1]
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
        table.writerow(["seconds", "steps", "pictures", "progress", "rate", "points", "numbers", "properties", "pictures_per_s"])
    net.train()
    half = torch.autocast(args.device.split(":")[0], torch.bfloat16)
    weight = weights().to(args.device)
    saved = shown = time.monotonic()
    sums, count = torch.zeros(3), 0

    def checkpoint():
        save(last, {"net": net.state_dict(), "ema": ema.state_dict(), "optimizer": optimizer.state_dict(), "done": done})
        keep(os.path.join(args.out, "kept.pt"), ema, "face", done)

    parts = [((faces.SIDE, faces.SIDE, 3), "uint8"), ((2 * POINTS + 11,), "float32")]
    with Loader("faces:Faces", (args.pack, args.labels), (), parts, BATCH, args.seed + 7 * done["steps"], cores[1:] or [None] * args.loaders) as loader:
        while not stop:
            at = (done["steps"] - steps_before) / args.steps if args.steps else begun_at + (1 - begun_at) * (time.monotonic() - began) / budget
            if at >= 1:
                break
            rate = PEAK * min((done["steps"] - steps_before + 1) / WARM_UP, 1) * (0.5 + 0.5 * math.cos(math.pi * at)) + 1e-6
            for group in optimizer.param_groups:
                group["lr"] = rate
            picture, row = (torch.from_numpy(part).to(args.device) for part in loader.next())
            x = picture.permute(0, 3, 1, 2).float().div_(255)
            with half:
                found = net(x)
            each = loss(found, row, weight)
            optimizer.zero_grad(set_to_none=True)
            (4 * each[0] + 2 * each[1] + 0.5 * each[2]).backward()
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
