"""Writes a net as float ONNX: python export.py KEPT.pt OUT.onnx [--side 512]. Batch norms are folded and sigmoid is inside.

Input "picture" float32 [1, 3, side, side], RGB, 0..1. The matte's output is "alpha" float32 [1, 1, side, side], 0..1. The face net's
(side 128) are "points" [1, p, 2] in crop widths (times 128, less .5, is pixels), "pose" [1, 3] yaw, pitch and roll in degrees, and
"properties" [1, 8], 0..1: mouth open, smile, and faces.PROPERTIES. The detector's (side 320) is "faces" [1, 2100, 15]: for every cell
score 0..1, box x0, y0, x1, y1 and five points x, y in pixels of the input, the centre of whose first pixel is 0; threshold and
non-maximum suppression are the caller's.
"""

import argparse
import warnings

import torch

import crowds
import faces
import nets
import points

SIDES = {nets.Matte: 512, nets.Face: faces.SIDE, nets.Detector: crowds.SIDE}
OUTPUTS = {nets.Matte: ["alpha"], nets.Face: ["points", "pose", "properties"], nets.Detector: ["faces"]}


class WithSigmoid(torch.nn.Module):
    """A matte net as it is used: probabilities instead of logits."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return torch.sigmoid(self.net(x))


class WithUnits(torch.nn.Module):
    """A face net as it is used: degrees and probabilities."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        where, numbers, logits = self.net(x)
        properties = torch.cat([numbers[:, 3:].clamp(0, 1), torch.sigmoid(logits)], 1)
        return where, numbers[:, :3] * 30, properties


class WithBoxes(torch.nn.Module):
    """A detector as it is used: rows of score, box and points for a square input of side pixels.

    Where a cell is and how large it is are constants of the graph, so that all that is left is exp, two products and sums. A box
    wider than e^4 cells would be larger than any picture: the exponent is cut there, and nothing overflows.
    """

    def __init__(self, net, side):
        super().__init__()
        self.net = net
        at, strides = [], []
        for stride in nets.Detector.STRIDES:
            line = (torch.arange(side // stride) + 0.5) * stride
            y, x = torch.meshgrid(line, line, indexing="ij")
            at.append(torch.stack([x, y], -1).reshape(-1, 2))
            strides.append(torch.full((len(at[-1]), 1), float(stride)))
        self.cells = [len(part) for part in at]
        self.register_buffer("at", torch.cat(at)[None])  # [1, cells, 2], pixels
        self.register_buffer("five", self.at.repeat(1, 1, 5))
        self.register_buffer("stride", torch.cat(strides)[None])  # [1, cells, 1], pixels

    def forward(self, x):
        v = torch.cat([m.reshape(1, 15, n) for m, n in zip(self.net(x), self.cells)], 2).transpose(1, 2)  # [1, cells, 15]
        centre = self.at + v[..., 1:3] * self.stride
        half = torch.exp(v[..., 3:5].clamp(-8, 4)) * (self.stride / 2)
        return torch.cat([torch.sigmoid(v[..., :1]), centre - half, centre + half, self.five + v[..., 5:] * self.stride], 2)


def as_used(net, side):
    """The net with what follows it on the edge's side of the file."""
    if isinstance(net, nets.Detector):
        return WithBoxes(net, side)
    return WithUnits(net) if isinstance(net, nets.Face) else WithSigmoid(net)


def load(path):
    """A trained net, ready to use, from a kept checkpoint (float16 weights)."""
    kept = torch.load(path, map_location="cpu", weights_only=True)
    other = {"face": lambda: nets.Face(len(points.NAMES)), "detector": nets.Detector}
    net = other[kept["net"]]() if kept["net"] in other else nets.Matte(kept["net"])
    missing, unknown = net.load_state_dict({k: v.float() for k, v in kept["weights"].items()}, strict=False)
    wrong = [k for k in missing if not k.endswith("num_batches_tracked")] + unknown
    if wrong:
        raise ValueError(f"{path} is not a {kept['net']}: {wrong}")
    return net.eval()


def write(net, out, side=None):
    """Writes a net of load() as float ONNX, opset 17, for a batch of one."""
    side = side or SIDES[type(net)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            as_used(net, side).eval(), torch.rand(1, 3, side, side), out, opset_version=17, dynamo=False,
            input_names=["picture"], output_names=OUTPUTS[type(net)],
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kept")
    parser.add_argument("out")
    parser.add_argument("--side", type=int, help="512 for a matte, 320 for a detector, 128 for a face, if not given")
    args = parser.parse_args()
    torch.set_num_threads(1)
    write(load(args.kept), args.out, args.side)


if __name__ == "__main__":
    main()
