"""Writes a net as float ONNX: python export.py KEPT.pt OUT.onnx [--side 512]. Batch norms are folded and sigmoid is inside.

Input "picture" float32 [1, 3, side, side], RGB, 0..1. The matte's output is "alpha" float32 [1, 1, side, side], 0..1. The face net's
(side 128) are "points" [1, p, 2] in crop widths (times 128, less .5, is pixels), "pose" [1, 3] yaw, pitch and roll in degrees, and
"properties" [1, 8], 0..1: mouth open, smile, and faces.PROPERTIES.
"""

import argparse
import warnings

import torch

import faces
import nets
import points


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


def load(path):
    """A trained net, ready to use, from a kept checkpoint (float16 weights)."""
    kept = torch.load(path, map_location="cpu", weights_only=True)
    net = nets.Face(len(points.NAMES)) if kept["net"] == "face" else nets.Matte(kept["net"])
    missing, unknown = net.load_state_dict({k: v.float() for k, v in kept["weights"].items()}, strict=False)
    wrong = [k for k in missing if not k.endswith("num_batches_tracked")] + unknown
    if wrong:
        raise ValueError(f"{path} is not a {kept['net']}: {wrong}")
    return net.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kept")
    parser.add_argument("out")
    parser.add_argument("--side", type=int, help="512 for a matte, 128 for a face, if not given")
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    net = load(args.kept)
    face = isinstance(net, nets.Face)
    side = args.side or (faces.SIDE if face else 512)
    torch.onnx.export(
        (WithUnits(net) if face else WithSigmoid(net)).eval(), torch.rand(1, 3, side, side), args.out, opset_version=17, dynamo=False,
        input_names=["picture"], output_names=["points", "pose", "properties"] if face else ["alpha"],
    )


if __name__ == "__main__":
    main()
