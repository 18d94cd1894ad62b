"""Trains the matte net from random weights:

    python train_matte.py PACK OUT [--net m4_base] [--minutes 300 | --steps 50] [--resume] [--cores 0,1] [--device cpu]

OUT is a folder: last.pt (everything, to go on from, written every few minutes and whole or not at all), kept.pt (the averaged
weights alone, as float16: what is committed) and log.csv. The schedule runs over the minutes, so that it ends in time on a
machine that is busy with something else; --resume goes on where last.pt stopped, also on another machine, and with more
--minutes than before stretches what is left of the schedule.
"""

import argparse
import copy
import csv
import math
import os
import signal
import time

import torch

import losses
import nets
from loader import Loader
from running import average, keep, save

PEAK = 2.5e-3
WARM_UP = 150  # steps
SMALL, LARGE = (320, 16), (512, 8)  # picture side in pixels, batch
SMALL_SHARE = 0.35  # of the schedule spent on the small ones
SAVE_SECONDS = 180


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pack")
    parser.add_argument("out")
    parser.add_argument("--net", default="m4_base", choices=sorted(nets.MATTES))
    parser.add_argument("--minutes", type=float, default=300)
    parser.add_argument("--steps", type=int, default=0, help="run this many steps instead, for debugging")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--start", help="kept.pt to start from with a fresh optimizer (a second, gentler round)")
    parser.add_argument("--peak", type=float, default=PEAK)
    parser.add_argument("--small-share", type=float, default=SMALL_SHARE)
    parser.add_argument("--cores", default="", help="core of the trainer, then of each loader; empty: not pinned")
    parser.add_argument("--loaders", type=int, default=1, help="loader processes where no cores are named")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    args = parse()
    cores = [int(c) for c in args.cores.split(",") if c]
    if args.device == "cpu":
        torch.set_num_threads(1)
        if cores:
            os.sched_setaffinity(0, {cores[0]})
    torch.manual_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)
    last = os.path.join(args.out, "last.pt")
    net = nets.Matte(args.net).to(args.device, memory_format=torch.channels_last)
    if args.start:
        net.load_state_dict({k: v.float() for k, v in torch.load(args.start, weights_only=True)["weights"].items()}, strict=False)
    ema = copy.deepcopy(net).eval()
    convolutions = [p for p in net.parameters() if p.ndim == 4]
    others = [p for p in net.parameters() if p.ndim != 4]
    optimizer = torch.optim.AdamW(
        [{"params": convolutions, "weight_decay": 0.02}, {"params": others, "weight_decay": 0}],
        lr=args.peak, betas=(0.9, 0.99), foreach=True,
    )
    done = {"steps": 0, "pictures": 0, "seconds": 0.0, "progress": 0.0}
    if args.resume:
        state = torch.load(last, map_location=args.device, weights_only=True)
        net.load_state_dict(state["net"])
        ema.load_state_dict(state["ema"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["done"]
    # What is left of the schedule is spread over what is left of the time.
    began, begun_at = time.monotonic(), done["progress"]
    budget = max(args.minutes * 60 - done["seconds"], 1)
    seconds_before, steps_before = done["seconds"], done["steps"]
    rule = losses.value_and_slope
    try:
        rule = torch.compile(rule, dynamic=False)
    except Exception as e:  # no compiler: slower, not wrong
        print(f"the loss is not compiled: {e}", flush=True)
    stop = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.append(True))
    log = open(os.path.join(args.out, "log.csv"), "a", newline="")
    table = csv.writer(log, lineterminator="\n")
    if log.tell() == 0:
        table.writerow(["seconds", "steps", "pictures", "progress", "size", "rate", "loss", "coarse", "pictures_per_s"])
    net.train()
    half = torch.autocast(args.device.split(":")[0], torch.bfloat16)
    saved = shown = time.monotonic()
    sums, count = [0.0, 0.0], 0

    def progress():
        if args.steps:
            return min((done["steps"] - steps_before) / args.steps, 1.0)
        return min(begun_at + (1 - begun_at) * (time.monotonic() - began) / budget, 1.0)

    def checkpoint():
        save(last, {"net": net.state_dict(), "ema": ema.state_dict(), "optimizer": optimizer.state_dict(), "done": done})
        keep(os.path.join(args.out, "kept.pt"), ema, args.net, done)

    for (size, batch), until in ((SMALL, args.small_share), (LARGE, 1.0)):
        if progress() >= until or stop:
            continue
        workers = cores[1:] or [None] * args.loaders
        parts = [((size, size, 3), "uint8"), ((size, size), "uint8"), ((size, size), "uint8")]
        seed = args.seed + done["steps"] * 7 + size
        with Loader("compose:Composer", (args.pack,), (size,), parts, batch, seed, workers) as loader:
            while (at := progress()) < until and not stop:
                rate = args.peak * min((done["steps"] - steps_before + 1) / WARM_UP, 1) * (0.5 + 0.5 * math.cos(math.pi * at)) + 1e-6
                for group in optimizer.param_groups:
                    group["lr"] = rate
                picture, alpha, weight = (torch.from_numpy(part).to(args.device) for part in loader.next())
                x = picture.permute(0, 3, 1, 2).float().div_(255)  # NHWC memory is channels_last already
                alpha, weight = alpha[:, None], weight[:, None]
                with half:
                    z, coarse = net(x, aux=True)
                fine = losses.MatteLoss.apply(z, alpha, weight, rule)
                rough = losses.coarse_loss(coarse, alpha, weight)
                optimizer.zero_grad(set_to_none=True)
                (fine + 0.5 * rough).backward()
                torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0, foreach=True)
                optimizer.step()
                average(ema, net, done["steps"])
                done["steps"] += 1
                done["pictures"] += batch
                done["seconds"] = seconds_before + time.monotonic() - began
                done["progress"] = at
                sums[0] += float(fine.detach())
                sums[1] += float(rough.detach())
                count += 1
                now = time.monotonic()
                if now - shown > 20 or (args.steps and count == 10):
                    speed = count * batch / (now - shown)
                    table.writerow([round(done["seconds"]), done["steps"], done["pictures"], round(at, 4), size, f"{rate:.2e}", *(f"{s / count:.4f}" for s in sums), f"{speed:.1f}"])
                    log.flush()
                    sums, count, shown = [0.0, 0.0], 0, now
                if now - saved > SAVE_SECONDS:
                    checkpoint()
                    saved = now
    checkpoint()
    print(f"{done['pictures']} pictures in {done['seconds'] / 60:.1f} min, progress {done['progress']:.2f}")


if __name__ == "__main__":
    main()
