"""What every training run does: follow a schedule, average the weights, write a log, and save so that nothing is lost."""

import argparse
import copy
import csv
import math
import os
import signal
import time

import torch

from loader import Loader

AVERAGE = 0.998  # of the weights, per step
SHOW_SECONDS = 20  # between two lines of the log
LONGEST_STEP = 60  # seconds of a step that count: a run that was stopped for a while loses none of its schedule


def parser(doc, minutes, peak):
    """The flags that all runs have; doc is the script's own, whose first line is shown."""
    p = argparse.ArgumentParser(description=doc.split("\n")[0])
    p.add_argument("--minutes", type=float, default=minutes)
    p.add_argument("--steps", type=int, default=0, help="run this many steps instead, for debugging")
    p.add_argument("--resume", action="store_true")
    p.add_argument("--start", help="kept.pt to start from with a fresh optimizer (a second, gentler round: see --peak)")
    p.add_argument("--peak", type=float, default=peak, help="highest learning rate")
    p.add_argument("--cores", default="", help="core of the trainer, then of each loader; empty: not pinned")
    p.add_argument("--loaders", type=int, default=1, help="loader processes where no cores are named")
    p.add_argument("--device", default="cpu")
    p.add_argument("--seed", type=int, default=1)
    return p


def begin(args):
    """Pins the trainer and seeds it; to be called before the net is made, whose weights are random."""
    if args.device == "cpu":
        torch.set_num_threads(1)
        if cores(args):
            os.sched_setaffinity(0, {cores(args)[0]})
    torch.manual_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)


def cores(args):
    return [int(c) for c in args.cores.split(",") if c]


def average(ema, net, step):
    """Moves the averaged weights towards the net's. The memory grows with the run, to a thirtieth of its steps: a ninth was
    measured to hold a run of 2400 steps back by .005 IoU."""
    keep = min(AVERAGE, step / (30 + step))
    with torch.no_grad():
        torch._foreach_lerp_(list(ema.parameters()), list(net.parameters()), 1 - keep)
        for a, b in zip(ema.buffers(), net.buffers()):
            a.copy_(b) if not a.is_floating_point() else a.lerp_(b, 1 - keep)


def save(path, what):
    """torch.save that leaves either the old file or the new."""
    torch.save(what, path + ".new")
    os.replace(path + ".new", path)


def keep(path, ema, name, done):
    """Writes the averaged weights as float16, with what made them."""
    half = {k: v.half() if v.is_floating_point() else v for k, v in ema.state_dict().items() if not k.endswith("num_batches_tracked")}
    save(path, {"net": name, "weights": half, "made": {k: done[k] for k in ("pictures", "steps", "seconds", "progress")}})


class Run:
    """A net on its way through the schedule: its averaged weights, optimizer, log and checkpoints in args.out. done holds steps,
    pictures, seconds and progress (0 to 1), over all resumed runs."""

    def __init__(self, args, net, name, warm_up, save_seconds, columns):
        """warm_up: steps until the learning rate is at its peak; columns: of the log between progress and speed."""
        self.args, self.net, self.name, self.peak, self.warm_up, self.save_seconds = args, net, name, args.peak, warm_up, save_seconds
        if args.start:
            kept = torch.load(args.start, map_location=args.device, weights_only=True)["weights"]
            net.load_state_dict({k: v.float() for k, v in kept.items()}, strict=False)
        self.last = os.path.join(args.out, "last.pt")
        self.ema = copy.deepcopy(net).eval()
        weights = [p for p in net.parameters() if p.ndim > 1]
        others = [p for p in net.parameters() if p.ndim == 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": weights, "weight_decay": 0.02}, {"params": others, "weight_decay": 0}],
            lr=args.peak, betas=(0.9, 0.99), foreach=True,
        )
        self.done = {"steps": 0, "pictures": 0, "seconds": 0.0, "progress": 0.0}
        if args.resume:
            state = torch.load(self.last, map_location=args.device, weights_only=True)
            net.load_state_dict(state["net"])
            self.ema.load_state_dict(state["ema"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.done = state["done"]
        self.before = dict(self.done)
        self.spent = 0.0  # seconds in this run
        self.seen = self.saved = self.shown = time.monotonic()
        self.stop = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.append(True))
        self.log = open(os.path.join(args.out, "log.csv"), "a", newline="")
        self.table = csv.writer(self.log, lineterminator="\n")
        if self.log.tell() == 0:
            self.table.writerow(["seconds", "steps", "pictures", "progress", *columns, "pictures_per_s"])
        self.sums, self.count = None, 0
        net.train()

    def progress(self):
        """How much of the schedule is over. What was left when we began is spread over what is left of the time."""
        if self.args.steps:
            return min((self.done["steps"] - self.before["steps"]) / self.args.steps, 1.0)
        budget = max(self.args.minutes * 60 - self.before["seconds"], 1)
        return min(self.before["progress"] + (1 - self.before["progress"]) * self.spent / budget, 1.0)

    def train(self, source, fixed, moving, parts, batch, step, until=1.0, salt=0, columns=()):
        """Steps until progress is `until` or somebody asks us to stop. source, fixed, moving and parts are the Loader's; its first
        part is the pictures, uint8 NHWC. step(half, x, *rest) takes them as float NCHW, 0 to 1, runs the net inside half, and gives the loss and the scalars for
        the log, whose line begins with columns."""
        if self.stop or self.progress() >= until:
            return
        args, done = self.args, self.done
        workers = cores(args)[1:] or [None] * args.loaders
        half = torch.autocast(args.device.split(":")[0], torch.bfloat16)
        with Loader(source, fixed, moving, parts, batch, args.seed + 7 * done["steps"] + salt, workers) as loader:
            while (at := self.progress()) < until and not self.stop:
                rate = self.peak * min((done["steps"] - self.before["steps"] + 1) / self.warm_up, 1) * (0.5 + 0.5 * math.cos(math.pi * at)) + 1e-6
                for group in self.optimizer.param_groups:
                    group["lr"] = rate
                picture, *rest = (torch.from_numpy(part).to(args.device) for part in loader.next())
                x = picture.permute(0, 3, 1, 2).float().div_(255)  # NHWC memory is channels_last already
                loss, shown = step(half, x, *rest)
                self.optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0, foreach=True)
                self.optimizer.step()
                average(self.ema, self.net, done["steps"])
                done["steps"] += 1
                done["pictures"] += batch
                now = time.monotonic()
                self.spent, self.seen = self.spent + min(now - self.seen, LONGEST_STEP), now
                done["seconds"] = self.before["seconds"] + self.spent
                done["progress"] = at
                self.note(batch, [*columns, f"{rate:.2e}"], shown)
                if time.monotonic() - self.saved > self.save_seconds:
                    self.checkpoint()
                    self.saved = time.monotonic()

    def note(self, batch, columns, shown):
        """Adds a step to the log's next line, and writes it when it is time."""
        values = torch.stack([s.detach() for s in shown]).cpu().double()
        self.sums, self.count = values if self.sums is None else self.sums + values, self.count + 1
        now = time.monotonic()
        if now - self.shown > SHOW_SECONDS or (self.args.steps and self.count == 10):
            done = self.done
            means = (f"{v / self.count:.4f}" for v in self.sums.tolist())
            self.table.writerow([round(done["seconds"]), done["steps"], done["pictures"], round(done["progress"], 4), *columns, *means, f"{self.count * batch / (now - self.shown):.1f}"])
            self.log.flush()
            self.sums, self.count, self.shown = None, 0, now

    def checkpoint(self):
        save(self.last, {"net": self.net.state_dict(), "ema": self.ema.state_dict(), "optimizer": self.optimizer.state_dict(), "done": self.done})
        keep(os.path.join(self.args.out, "kept.pt"), self.ema, self.name, self.done)

    def finish(self):
        self.checkpoint()
        print(f"{self.done['pictures']} pictures in {self.done['seconds'] / 60:.1f} min, progress {self.done['progress']:.2f}")
        if self.stop:
            raise SystemExit(130)  # not over: --resume goes on
