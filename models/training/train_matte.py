"""Trains the matte net from random weights:

    python train_matte.py PACK OUT [--net m4_base] [--minutes 300 | --steps 50] [--resume] [--cores 0,1] [--device cpu]

OUT is a folder: last.pt (everything, to go on from, written every few minutes and whole or not at all), kept.pt (the averaged
weights alone, as float16: what is committed) and log.csv. The schedule runs over the minutes, so that it ends in time on a
machine that is busy with something else; --resume goes on where last.pt stopped, also on another machine, and with more
--minutes than before stretches what is left of the schedule.
"""

import torch

import losses
import nets
from running import Run, begin, parser

PEAK = 2.5e-3
WARM_UP = 150  # steps
SMALL, LARGE = (320, 16), (512, 8)  # picture side in pixels, batch
SMALL_SHARE = 0.35  # of the schedule spent on the small ones
SAVE_SECONDS = 180


def parse():
    flags = parser(__doc__, 300, PEAK)
    flags.add_argument("pack")
    flags.add_argument("out")
    flags.add_argument("--net", default="m4_base", choices=sorted(nets.MATTES))
    flags.add_argument("--small-share", type=float, default=SMALL_SHARE)
    return flags.parse_args()


def main():
    args = parse()
    begin(args)
    net = nets.Matte(args.net).to(args.device, memory_format=torch.channels_last)
    run = Run(args, net, args.net, WARM_UP, SAVE_SECONDS, ["size", "rate", "loss", "coarse"])
    rule = losses.value_and_slope
    try:
        rule = torch.compile(rule, dynamic=False)
    except Exception as e:  # no compiler: slower, not wrong
        print(f"the loss is not compiled: {e}", flush=True)

    def step(half, x, alpha, weight):
        alpha, weight = alpha[:, None], weight[:, None]
        with half:
            z, coarse = net(x, aux=True)
        fine = losses.MatteLoss.apply(z, alpha, weight, rule)
        rough = losses.coarse_loss(coarse, alpha, weight)
        return fine + 0.5 * rough, [fine, rough]

    for (size, batch), until in ((SMALL, args.small_share), (LARGE, 1.0)):
        parts = [((size, size, 3), "uint8"), ((size, size), "uint8"), ((size, size), "uint8")]
        run.train("compose:Composer", (args.pack,), (size,), parts, batch, step, until, salt=size, columns=[size])
    run.finish()


if __name__ == "__main__":
    main()
