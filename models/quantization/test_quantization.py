"""Facts about the quantization that need no data: a tiny net with random weights, and the files that are shipped.
python -m unittest, in this folder."""

import contextlib
import csv
import io
import os
import tempfile
import unittest
from unittest import mock

import numpy as np
import onnx
import onnxruntime
import torch

import arithmetic
import calibrate
import layout
import quantize
from recipes import MODELS, RECIPES, Recipe
import manifest
import matte
import ours
import export
import nets
import teachers

SIDE = 16


class Tiny(torch.nn.Module):
    """Two convolutions and a head, named as the recipes below name them. The first halves the size, as in every net of ours."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.first, self.last, self.head = (torch.nn.Conv2d(a, b, 3, s, 1) for a, b, s in ((3, 8, 2), (8, 8, 1), (8, 1, 1)))

    def forward(self, x):
        x = torch.relu(self.first(x))
        return torch.sigmoid(self.head(torch.relu(self.last(x))))


PLAIN = Recipe("matte", "tiny.pt", {"alpha": "alpha"}, {}, ["Conv", "Relu", "Sigmoid"], ranges={"alpha": (0.0, 1.0)})
HEAD_FLOAT = Recipe("matte", "tiny.pt", {"alpha": "alpha"}, {"t": 0.5}, ["Conv", "Relu"], float_from=("/head",))
MAPS_FLOAT = Recipe("matte", "tiny.pt", {"alpha": "alpha"}, {}, ["Conv", "Relu"], float_from=("/head",), float_maps=("/last",))


def pictures(count=6):
    rng = np.random.default_rng(2)
    return [rng.random((1, 3, SIDE, SIDE), np.float32) for _ in range(count)]


def run(path, x):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"picture": x})[0]


class OnFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.before = self.at("float.onnx")
        torch.onnx.export(
            Tiny().eval(), torch.rand(1, 3, SIDE, SIDE), self.before, opset_version=17, dynamo=False, input_names=["picture"], output_names=["alpha"]
        )

    def at(self, name):
        return os.path.join(self.folder, name)

    def made(self, name, recipe=PLAIN, **how):
        quantize.quantized(self.before, self.at(name), recipe, pictures(), **how)
        with open(self.at(name), "rb") as f:
            return f.read()


class Quantized(OnFiles):
    def test_the_same_net_gives_the_same_bytes(self):
        self.assertEqual(self.made("a.onnx"), self.made("b.onnx"))

    def test_it_computes_nearly_the_same(self):
        for recipe in (PLAIN, HEAD_FLOAT, MAPS_FLOAT):
            self.made("a.onnx", recipe)
            off = max(np.abs(run(self.before, x) - run(self.at("a.onnx"), x)).max() for x in pictures())
            self.assertLess(off, 0.02)
            self.assertGreater(off, 0)

    def test_what_is_said_to_stay_float_does(self):
        model = onnx.load_from_string(self.made("a.onnx", HEAD_FLOAT))
        head = next(n for n in model.graph.node if n.name == "/head/Conv")
        kinds = {i.name: i.data_type for i in model.graph.initializer}
        self.assertEqual(kinds[head.input[1]], onnx.TensorProto.FLOAT)

    def test_weights_of_float_maps_are_small(self):
        model = onnx.load_from_string(self.made("a.onnx", MAPS_FLOAT))
        kinds = {i.name: i.data_type for i in model.graph.initializer}
        self.assertEqual(kinds["last.weight_quantized"], onnx.TensorProto.INT8)
        self.assertNotIn("last.weight", kinds)

    def test_only_seven_bits_cannot_saturate(self):
        self.assertEqual(arithmetic.saturating(onnx.load_from_string(self.made("a.onnx"))), {})
        self.assertTrue(arithmetic.saturating(onnx.load_from_string(self.made("a.onnx", full_range=True))))

    def test_a_recipe_of_another_net_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "no tensor nowhere"):
            self.made("a.onnx", Recipe("matte", "", {}, {}, ["Conv"], ranges={"nowhere": (0, 1)}))


class Installed(OnFiles):
    """make, with the tree and the dev split replaced."""

    def setUp(self):
        super().setUp()
        self.manifest = self.at("manifest.json")
        for patch in (
            mock.patch.object(quantize, "MODELS", self.folder),
            mock.patch.object(quantize, "RECIPES", {"tiny-16": HEAD_FLOAT}),
            mock.patch.object(quantize.export, "load", lambda path: None),
            mock.patch.object(quantize.export, "write", self.copy),
            mock.patch.object(quantize, "history", lambda *_: "remark"),
            mock.patch.object(quantize.calibrate, "inputs", lambda task, pack: pictures()),
            mock.patch.object(manifest.put, "__defaults__", (self.manifest,)),
            mock.patch.object(manifest.read, "__defaults__", (self.manifest,)),
            mock.patch.object(manifest.entry, "__defaults__", (self.manifest,)),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def copy(self, net, out):
        with open(self.before, "rb") as a, open(out, "wb") as b:
            b.write(a.read())

    def make(self, faults):
        with mock.patch.object(quantize, "gate", lambda *_: (faults, [])), contextlib.redirect_stdout(io.StringIO()):
            return quantize.make("tiny-16", "tiny.pt", None, None, False, False)

    def test_a_net_that_lost_too_much_is_not_written(self):
        self.assertFalse(self.make(["it is worse"]))
        self.assertFalse(os.path.exists(self.at("tiny-16.onnx")) or os.path.exists(self.manifest))

    def test_a_net_that_passes_is_described(self):
        self.assertTrue(self.make([]))
        with open(self.at("tiny-16.onnx"), "rb") as f:
            data = f.read()
        entry = manifest.entry("tiny-16")
        self.assertEqual((entry["sha256"], entry["bytes"]), (manifest.digest(data), len(data)))
        self.assertEqual(entry["outputs"], [{"name": "alpha", "shape": [1, 1, SIDE // 2, SIDE // 2], "meaning": "alpha"}])
        self.assertEqual((entry["input"]["width"], entry["thresholds"]), (SIDE, {"t": 0.5}))

    def test_the_same_file_again_keeps_its_figures(self):
        self.make([])
        manifest.put({**manifest.entry("tiny-16"), "measured": {"iou": 1}, "version": "old", "thresholds": {"t": 0.7}})
        self.make([])
        entry = manifest.entry("tiny-16")
        self.assertEqual((entry["measured"], entry["version"], entry["thresholds"]), ({"iou": 1}, "old", {"t": 0.7}))

    def test_another_file_loses_the_figures_of_the_old_one(self):
        self.make([])
        manifest.put({**manifest.entry("tiny-16"), "measured": {"iou": 1}, "sha256": "0" * 64})
        self.make([])
        self.assertEqual(manifest.entry("tiny-16")["measured"], {})


class LaidOut(unittest.TestCase):
    """Nets of ours with random weights, small, before and after."""

    def made(self, net, side, recipe):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        before, after = (os.path.join(folder.name, f) for f in ("before.onnx", "after.onnx"))
        torch.manual_seed(3)
        for part in net.modules():  # or every channel is as strong as the next, and one in another's place would not show
            if isinstance(part, torch.nn.BatchNorm2d):
                torch.nn.init.uniform_(part.weight, 0.5, 2)
                torch.nn.init.normal_(part.bias)
        export.write(net.eval(), before, side)
        rng = np.random.default_rng(4)
        quantize.quantized(before, before, recipe, [rng.random((1, 3, side, side), np.float32) for _ in range(4)])
        onnx.save(layout.laid_out(onnx.load(before)), after)
        return before, after

    def test_it_gives_the_same_numbers(self):
        for name, net, side in (("matte-512", nets.Matte(), 128), ("detector-320", nets.Detector(), 96), ("face-128", nets.Face(105), 128)):
            with self.subTest(name):
                before, after = self.made(net, side, RECIPES[name])
                old, new = teachers.session(before), teachers.session(after)
                self.assertEqual((new.get_inputs()[0].type, new.get_inputs()[0].shape), ("tensor(uint8)", [1, side, side, 3]))
                rng = np.random.default_rng(5)
                for _ in range(3):
                    x = rng.integers(0, 256, (1, 3, side, side)).astype(np.float32) / 255
                    for a, b in zip(ours.run(old, x), ours.run(new, x)):
                        self.assertGreater(a.std(), 0)
                        np.testing.assert_array_equal(a, b)

    def test_nothing_slow_is_left(self):
        model = onnx.load(self.made(nets.Matte(), 128, RECIPES["matte-512"])[1])
        self.assertFalse({"Resize", "DepthToSpace"} & {n.op_type for n in model.graph.node})

    def test_another_net_is_refused(self):
        with self.assertRaisesRegex(ValueError, "does not begin with"):
            layout.laid_out(onnx.load(os.path.join(MODELS, "face-128.onnx")))  # which is laid out already


class Gate(unittest.TestCase):
    def test_it_names_what_got_worse(self):
        truth = np.zeros((64, 64), np.float32)
        truth[16:, 16:48] = 1
        worse = truth.copy()
        worse[60:, :] = 1
        with mock.patch.object(matte, "scenes", lambda split: [(None, "", True, "picture", truth)] * 2):
            faults, _ = matte.gate(None, lambda p: truth * 0.99, lambda p: worse)
            self.assertEqual(len(faults), 2, faults)
            self.assertEqual(matte.gate(None, lambda p: truth * 0.99, lambda p: truth * 0.99)[0], [])


class Shipped(unittest.TestCase):
    def test_calibration_has_nothing_of_the_dev_split(self):
        with open(os.path.join(MODELS, "evaluation", "dev.csv"), newline="") as f:
            dev = {row["file"].split("/", 1)[1]: row["sha256"] for row in csv.DictReader(f)}
        with open(calibrate.LIST, newline="") as f:
            rows = list(csv.DictReader(f))
        self.assertEqual(len(rows), 2 * calibrate.EACH)
        for row in rows:
            self.assertFalse({row["picture"], row["scene"]} & set(dev))
            self.assertFalse({row["sha256"], row["scene_sha256"]} & set(dev.values()))

    def test_every_file_is_what_the_manifest_says(self):
        for entry in manifest.read()["models"]:
            if entry["name"] not in RECIPES:
                continue
            with self.subTest(entry["name"]):
                with open(os.path.join(MODELS, entry["file"]), "rb") as f:
                    data = f.read()
                self.assertEqual(manifest.digest(data), entry["sha256"])
                described = quantize.described(entry["name"], RECIPES[entry["name"]], data, entry)
                for key in ("task", "input", "outputs", "bytes", "card"):
                    self.assertEqual(described[key], entry[key], key)
                self.assertEqual(set(entry.get("thresholds", {})), set(RECIPES[entry["name"]].thresholds))
                self.assertEqual(arithmetic.saturating(onnx.load_from_string(data)), {})
                self.assertTrue(os.path.exists(os.path.join(MODELS, "cards", entry["card"])), "no card")


if __name__ == "__main__":
    unittest.main()
