"""Writes a net as float ONNX: python export.py KEPT.pt OUT.onnx [--side 512]. Batch norms are folded and sigmoid is inside.

Input "picture" float32 [1, 3, side, side], RGB, 0..1; output "alpha" float32 [1, 1, side, side], 0..1.
"""

import argparse
import warnings

import torch

import nets


class WithSigmoid(torch.nn.Module):
    """The net as it is used: probabilities instead of logits."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return torch.sigmoid(self.net(x))


def load(path):
    """A trained net, ready to use, from a kept checkpoint (float16 weights)."""
    kept = torch.load(path, map_location="cpu", weights_only=True)
    net = nets.Matte(kept["net"])
    missing, unknown = net.load_state_dict({k: v.float() for k, v in kept["weights"].items()}, strict=False)
    wrong = [k for k in missing if not k.endswith("num_batches_tracked")] + unknown
    if wrong:
        raise ValueError(f"{path} is not a {kept['net']}: {wrong}")
    return net.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kept")
    parser.add_argument("out")
    parser.add_argument("--side", type=int, default=512)
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    torch.onnx.export(
        WithSigmoid(load(args.kept)).eval(), torch.rand(1, 3, args.side, args.side), args.out,
        input_names=["picture"], output_names=["alpha"], opset_version=17, dynamo=False,
    )


if __name__ == "__main__":
    main()
