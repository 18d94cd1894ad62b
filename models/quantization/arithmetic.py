"""Does a file give the same numbers on other processors? python arithmetic.py PACK [NET|FILE.onnx ...] [--with NAME=COMMAND ...]

First without running anything: AVX2 multiplies u8 by s8 and adds two products in 16 bits that saturate, so a pair of weights
must not be larger than 128 together; VNNI and arm64 add in 32 bits. Then, for every --with, the same pictures go through ONNX
Runtime in another Python, whose outputs are compared bit by bit with those of this one. COMMAND starts that Python (with numpy
and onnxruntime), for instance under an emulator:

    --with "haswell=qemu-x86_64 -cpu Haswell venv/bin/python"
    --with "a76=qemu-aarch64 -cpu cortex-a76 -L arm64 arm64/usr/bin/python3.11"

qemu-x86_64 has no AVX-512, so AVX-512 without VNNI (Skylake) cannot be tried that way; its instruction saturates as AVX2's.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

PAIR = 32767 // 255  # what the weights of a pair may come to, so that 255 times it fits 16 bits
COUNT = 4  # pictures of the calibration set
RUN = """
import sys, numpy, onnxruntime
o = onnxruntime.SessionOptions()
o.intra_op_num_threads = o.inter_op_num_threads = 1
o.log_severity_level = 3
if sys.argv[4] == "precise":
    o.add_session_config_entry("session.x64quantprecision", "1")
s = onnxruntime.InferenceSession(sys.argv[1], o, providers=["CPUExecutionProvider"])
names = [v.name for v in s.get_outputs()]
got = [s.run(names, {"picture": x[None]}) for x in numpy.load(sys.argv[2])]
numpy.savez(sys.argv[3], **{n: numpy.concatenate([g[i] for g in got]) for i, n in enumerate(names)})
"""


def saturating(model):
    """{initializer: the largest sum of two weights of one output} for the s8 weights that integer kernels multiply."""
    weights = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    written = {o: n for n in model.graph.node for o in n.output}
    read = {t: n.op_type for n in model.graph.node for t in n.input}
    out = {}
    for node in model.graph.node:
        if node.op_type not in ("Conv", "Gemm"):
            continue
        picture, weight = (written.get(t) for t in node.input[:2])
        if not all(n is not None and n.op_type == "DequantizeLinear" for n in (picture, weight)):
            continue
        if node.op_type == "Conv" and read.get(node.output[0]) != "QuantizeLinear":
            continue  # it gives a float, so it is multiplied as floats
        w = np.sort(np.abs(weights[weight.input[0]].astype(int)).reshape(len(weights[weight.input[0]]), -1), 1)
        out[weight.input[0]] = int(w[:, -2:].sum(1).max())
    return {name: most for name, most in out.items() if most > PAIR}


def outputs(command, path, inputs, folder, precise=""):
    """{output: float32 array} of the file for its inputs [n, ...], by another Python."""
    got = os.path.join(folder, "got.npz")
    done = subprocess.run([*command, "-c", RUN, path, inputs, got, precise], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} ends with {done.returncode}: {done.stderr[-500:]}")
    with np.load(got) as f:
        return {k: f[k] for k in f.files}


def compare(path, task, pack, others):
    """Prints one line for the weights and one for every other processor."""
    import calibrate
    import ours

    large = saturating(onnx.load(path))
    print(f"{os.path.basename(path)}: " + (f"{len(large)} layers can saturate on AVX2, {max(large.values())} in a pair at most" if large else "no pair of weights can saturate"))
    with tempfile.TemporaryDirectory() as folder:
        inputs = os.path.join(folder, "inputs.npy")
        every = list(calibrate.inputs(task, pack))
        few = np.concatenate(every[:: len(every) // COUNT][:COUNT])
        np.save(inputs, ours.picture(few, onnxruntime.InferenceSession(path).get_inputs()[0].type))
        here = outputs([sys.executable], path, inputs, folder)
        for name, command in others.items():
            for precise in ("", "precise") if large else ("",):
                there, parts = outputs(command, path, inputs, folder, precise), []
                for k in here:
                    off = np.abs(here[k] - there[k])
                    parts.append(f"{k} the same" if not off.any() else f"{k} off by {off.max():.2g} at most, {off.mean():.2g} in the mean")
                print(f"  {name}{', session.x64quantprecision' if precise else ''}: {'; '.join(parts)}", flush=True)
                if all(part.endswith("the same") for part in parts):
                    break


def main():
    import calibrate
    from recipes import MODELS, RECIPES

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pack")
    parser.add_argument("nets", nargs="*", help="nets or files named for one (all that there are)")
    parser.add_argument("--with", action="append", default=[], dest="others", metavar="NAME=COMMAND")
    args = parser.parse_args()
    paths = [n if n.endswith(".onnx") else os.path.join(MODELS, f"{n}.onnx") for n in args.nets or RECIPES]
    pack, others = calibrate.Pack(args.pack), {n: shlex.split(c) for n, c in (o.split("=", 1) for o in args.others)}
    for path in paths:
        if args.nets or os.path.exists(path):
            compare(path, RECIPES[os.path.basename(path)[: -len(".onnx")]].task, pack, others)


if __name__ == "__main__":
    main()
