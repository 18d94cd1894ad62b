"""How each net is described and quantized: what stays float, which ranges are known instead of measured."""

import glob
import os

MODELS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHECKPOINTS = os.path.join(MODELS, "training", "checkpoints")


class Recipe:
    """One net.

    kept         pattern of its checkpoint in training/checkpoints
    operators    that are quantized
    float_from   beginnings of the names of nodes that stay float, and everything after them with them
    float_after  the same, but the node itself has int8 inputs and weights and a float output
    float_maps   beginnings of the names of nodes that compute in float but keep s8 weights, so that the file stays small
    ranges       {tensor: (least, most)} that are known; all others are the least and the most of the calibration set
    """

    def __init__(self, task, kept, meanings, thresholds, operators, float_from=(), float_after=(), float_maps=(), ranges=None):
        self.task, self.kept, self.meanings, self.thresholds = task, kept, meanings, thresholds
        self.operators, self.float_from, self.float_after, self.float_maps = operators, float_from, float_after, float_maps
        self.ranges = {"picture": (0.0, 1.0), **(ranges or {})}

    def checkpoint(self):
        """The one checkpoint that there is; none or several is an error that says so."""
        found = sorted(glob.glob(os.path.join(CHECKPOINTS, self.kept)))
        if len(found) != 1:
            raise FileNotFoundError(
                f"{'no' if not found else 'more than one'} checkpoint {self.kept} in training/checkpoints"
                + (f" ({', '.join(map(os.path.basename, found))}): name one, as NET=FILE" if found else ": it has not been trained yet")
            )
        return found[0]


SURE = 8.0  # logits are cut there: sigmoid is .0003, and a step of the 255 is an alpha of .016 at most
RECIPES = {
    "matte-512": Recipe(
        "matte", "matte_*.pt", {"alpha": "alpha of the person, 0 to 1"}, {},
        # Sigmoid has 256 values here, a table; alpha 0 and 1 are exact.
        ["Conv", "Relu", "Add", "Resize", "DepthToSpace", "Sigmoid"],
        ranges={"/net/head/Conv_output_0": (-SURE, SURE), "/net/DepthToSpace_output_0": (-SURE, SURE), "alpha": (0.0, 1.0)},
    ),
    "face-128": Recipe(
        "face", "face.pt",
        {
            "points": "points named in training/points.py, in crop widths: times 128, less .5, are pixels",
            "pose": "yaw, pitch and roll in degrees",
            "properties": "0 to 1: mouth open, smile, left eye open, right eye open, glasses, dark glasses, headwear, occluded; left is left of the picture",
        },
        dict.fromkeys(("mouth_open", "smile", "eye_open", "glasses", "dark_glasses", "headwear", "occluded"), 0.5),
        # A point in 255 steps of the crop would be off by 1.5 % of the pupil distance: what Gemm gives stays float. So do the
        # maps of the last stage, whose channels differ by a factor of ten and more: as u8 they moved the points by 1.7 % of the
        # pupil distance (.5 % as they are now), and cost 0.1 ms as float.
        ["Conv", "Relu", "Add", "Flatten", "Gemm"], float_after=("/net/out/Gemm",), float_maps=("/net/body/body.4/",),
    ),
    "detector-320": Recipe(
        "detector", "detector*.pt",
        {
            "faces": "for each of 2100 cells: score 0 to 1, box x0 y0 x1 y1, five points x y (eye left of the picture, eye right, "
            "nose tip, mouth corner left, right) in pixels of the input, the centre of the first pixel is 0; the caller does "
            "threshold and non-maximum suppression"
        },
        {"score": 0.5},
        ["Conv", "Relu", "Add", "Resize"], float_from=("/net/head",),
    ),
}
