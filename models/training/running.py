"""What every training run does: average the weights, and save so that nothing is lost."""

import os

import torch

AVERAGE = 0.998  # of the weights, per step


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
