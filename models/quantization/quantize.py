"""Float checkpoint -> int8 ONNX, and its entry in the manifest:

    python quantize.py DATA PACK [matte-512 face-128 detector-320 | NET=CHECKPOINT ...] [--full-range] [--try]

Static QDQ, in the form of layout.py: weights s8 per channel, activations u8 between the least and the most of the calibration set. Weights use 7 of their
8 bits, so that a sum of two products fits the 16 bits that AVX2 has for it and every processor gives the same numbers;
--full-range uses all 8. The same checkpoint and pack give the same bytes.

A net that loses too much by it is refused: nothing is written and the exit status is 1. The limits are in evaluation: matte.gate,
face.gate and detector.gate, on the dev split, which is read for nothing else. DATA is the data pack, PACK the training pack.
"""

import argparse
import logging
import os
import sys
import tempfile

import cv2
import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

import calibrate
from recipes import MODELS, RECIPES
import detector
import dev
import export
import face
import layout
import manifest
import matte

from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static


class Reader(CalibrationDataReader):
    """Inputs of one net, one after the other."""

    def __init__(self, inputs):
        self._inputs = iter(inputs)

    def get_next(self):
        x = next(self._inputs, None)
        return None if x is None else {"picture": x}


def after(graph, beginnings, themselves):
    """Names of the nodes that come after those whose names begin so, and of these too if themselves."""
    names, reached = set(), set()
    for node in graph.node:  # sorted: what feeds a node is before it
        first = bool(beginnings) and node.name.startswith(tuple(beginnings))
        if reached & set(node.input) or first:
            reached.update(node.output)
            if not first or themselves:
                names.add(node.name)
    return names


def quantized(path, out, recipe, inputs, full_range=False):
    """Writes the float ONNX at path as int8 to out, not laid out yet. inputs: float32 [1, 3, side, side] each."""
    graph = onnx.load(path).graph
    # A Gemm that keeps a float output is the one operator that takes int8 in and gives float in one kernel.
    as_float = after(graph, recipe.float_from, True) | after(graph, recipe.float_after, False)
    maps = {n.name for n in graph.node if recipe.float_maps and n.name.startswith(recipe.float_maps)}
    known = {tensor for node in graph.node for tensor in node.output} | {i.name for i in graph.input}
    if missing := set(recipe.ranges) - known:
        raise ValueError(f"the net has no tensor {', '.join(sorted(missing))}: recipes.py describes another one")
    logging.getLogger().setLevel(logging.ERROR)  # it advises to run a step that export has done
    quantize_static(
        path, out, Reader(inputs), quant_format=QuantFormat.QDQ, per_channel=True, reduce_range=not full_range,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax,
        op_types_to_quantize=recipe.operators, nodes_to_exclude=sorted(as_float | maps),
        extra_options={
            "TensorQuantOverrides": {t: [levels(*r)] for t, r in recipe.ranges.items()},
            "OpTypesToExcludeOutputQuantization": ["Gemm"] if recipe.float_after else [],
        },
    )
    if maps:
        small_weights(out, maps)


def small_weights(path, names):
    """Stores the weights of float convolutions as s8 with a scale per output channel. All 8 bits: they are multiplied as floats."""
    model = onnx.load(path)
    weights = {i.name: i for i in model.graph.initializer}
    first = []
    for node in [n for n in model.graph.node if n.name in names and n.op_type == "Conv"]:
        name = node.input[1]
        w = numpy_helper.to_array(weights[name])
        scale = np.maximum(np.abs(w).max((1, 2, 3)) / 127, 1e-12).astype(np.float32)
        small = np.rint(w / scale[:, None, None, None]).clip(-127, 127).astype(np.int8)
        model.graph.initializer.remove(weights[name])
        parts = {f"{name}_quantized": small, f"{name}_scale": scale, f"{name}_zero_point": np.zeros(len(w), np.int8)}
        model.graph.initializer.extend(numpy_helper.from_array(v, k) for k, v in parts.items())
        first.append(helper.make_node("DequantizeLinear", list(parts), [f"{name}_float"], f"{name}_DequantizeLinear", axis=0))
        node.input[1] = f"{name}_float"
    nodes = [*first, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def levels(least, most):
    """A known range as scale and zero point of 8 bits, so that zero is exact."""
    scale = (most - least) / 255
    return {"scale": np.array(scale, np.float32), "zero_point": np.array(round(-least / scale), np.uint8)}


def described(name, recipe, data, old, remark=""):
    """The manifest's entry for the file data; what is only known of the old file is left out."""
    model, digest = onnx.load_from_string(data), manifest.digest(data)
    shape = lambda v: [d.dim_value for d in v.type.tensor_type.shape.dim]
    (picture,) = model.graph.input
    _, height, width, _ = shape(picture)
    return {
        "name": name, "task": recipe.task, "version": f"{manifest.today()}-{digest[:8]}", "file": f"{name}.onnx", "sha256": digest,
        "bytes": len(data), "licence": "Apache-2.0", "card": f"{name}.md",
        "input": {
            "name": picture.name, "width": width, "height": height, "layout": "NHWC", "type": "uint8",
            "scale": 1, "mean": [0, 0, 0], "std": [1, 1, 1],
        },
        "outputs": [{"name": o.name, "shape": shape(o), "meaning": recipe.meanings[o.name]} for o in model.graph.output],
        **({"thresholds": {**recipe.thresholds, **{k: v for k, v in (old or {}).get("thresholds", {}).items() if k in recipe.thresholds}}} if recipe.thresholds else {}),
        "measured": {}, "remark": remark,
    }


def history(checkpoint, full_range):
    """What made the weights, as a sentence."""
    made = torch.load(checkpoint, map_location="cpu", weights_only=True)["made"]
    return (
        f"From {os.path.basename(checkpoint)} ({made['pictures']} pictures in {made['seconds'] / 60:.0f} minutes in its last run), "
        f"int8 with {'8' if full_range else '7'}-bit weights."
    )


def gate(task, split, before, now, thresholds):
    """(faults, lines) of the file `now` beside the float file `before`, by the task's own measure."""
    if task == "matte":
        return matte.gate(split, matte.Net(before), matte.Net(now))
    if task == "face":
        return face.gate(split, face.Net(before), face.Net(now))
    return detector.gate(split, *(detector.Net(p, thresholds["score"]) for p in (before, now)))


def install(name, data, entry):
    """Puts file and entry into the tree, unless that very file is there already. Returns whether it was put."""
    path, old = os.path.join(MODELS, f"{name}.onnx"), manifest.entry(name)
    if old and old["sha256"] == entry["sha256"] and os.path.exists(path):
        manifest.put({**entry, **{k: old[k] for k in ("version", "measured", "date", "remark") if k in old}})
        return False
    with open(path + ".new", "wb") as f:
        f.write(data)
    os.replace(path + ".new", path)
    manifest.put(entry)
    return True


def make(name, checkpoint, split, pack, full_range, only_try):
    """Quantizes one net, judges it and installs it. Returns whether it passed."""
    recipe, old = RECIPES[name], manifest.entry(name)
    with tempfile.TemporaryDirectory() as folder:
        before, now = (os.path.join(folder, f) for f in ("float.onnx", "int8.onnx"))
        export.write(export.load(checkpoint), before)
        quantized(before, now, recipe, calibrate.inputs(recipe.task, pack), full_range)
        onnx.save(layout.laid_out(onnx.load(now)), now)
        with open(now, "rb") as f:
            data = f.read()
        entry = described(name, recipe, data, old, history(checkpoint, full_range))
        faults, lines = gate(recipe.task, split, before, now, entry.get("thresholds"))
    print(f"{name}: {len(data)} bytes, {'8' if full_range else '7'} bits of weight, from {os.path.basename(checkpoint)}")
    for line in lines + [f"refused: {fault}" for fault in faults]:
        print(f"  {line}")
    if not faults and not only_try:
        new = install(name, data, entry)
        print(f"  {entry['sha256'][:8]} " + ("written; thresholds.py and evaluate.py --write come next" if new else "is there already"))
    return not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", help="folder of the data pack, for the gate")
    parser.add_argument("pack", help="training pack, for the calibration")
    parser.add_argument("nets", nargs="*", help=f"of {', '.join(RECIPES)} (all that have a checkpoint), or NET=CHECKPOINT")
    parser.add_argument("--full-range", action="store_true", help="8-bit weights: processors with AVX2 and no VNNI then differ")
    parser.add_argument("--try", action="store_true", dest="only_try", help="print and write nothing")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    asked = dict((n.split("=", 1) + [None])[:2] for n in args.nets) or dict.fromkeys(RECIPES)
    if unknown := set(asked) - set(RECIPES):
        parser.error(f"there is no net {', '.join(sorted(unknown))}")
    split, pack, passed = dev.Split(args.data), calibrate.Pack(args.pack), True
    for name, checkpoint in asked.items():
        try:
            checkpoint = checkpoint or RECIPES[name].checkpoint()
        except FileNotFoundError as e:
            print(f"{name}: {e}")
            passed = passed and not args.nets  # asked for by name, so it is missed
            continue
        passed = make(name, checkpoint, split, pack, args.full_range, args.only_try) and passed
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
