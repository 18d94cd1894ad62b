"""Measures our nets on the dev split, the teachers beside them:

    python evaluate.py DATA [--nets matte-512 face-128 detector-320 | NET=FILE.onnx ...] [--write] [--sheets DIR] [--most N]

Prints tables. --write puts the figures into models/manifest.json ("measured") and the tables into models/cards; --sheets draws
the worst pictures of each net into a folder outside the tree (they show real people). NET=FILE scores another file, say a float
one during training, and is never written. --most looks at the first N pictures only, to see that all runs.
"""

import argparse
import os
import platform

import cv2
import onnxruntime

import detector
import dev
import face
import manifest
import matte
import report
import sheet
import speed

TASKS = {"matte-512": "matte", "face-128": "face", "detector-320": "detector"}
NONE = {"matte": {}, "face": dict.fromkeys(("mouth_open", "smile", "eye_open", "glasses", "dark_glasses", "headwear", "occluded"), 0.5), "detector": {"score": 0.5}}


def path_of(name):
    """Where the shipped file of a net is."""
    return os.path.join(dev.MODELS, f"{name}.onnx")


def thresholds(name):
    """The thresholds of a net in the manifest; .5 where it has none yet."""
    return {**NONE[TASKS[name]], **((manifest.entry(name) or {}).get("thresholds") or {})}


def score(split, name, path, args):
    """The report of one net."""
    out, task = report.Report(name), TASKS[name]
    if task == "matte":
        matte.evaluate(split, path, out, args.sheets, args.most)
    elif task == "face":
        first = path_of("detector-320")
        found = detector.Net(first, thresholds("detector-320")["score"]) if os.path.exists(first) else None
        face.evaluate(split, path, thresholds(name), out, args.sheets, args.most, found)
    else:
        detector.evaluate(split, path, thresholds(name), out, args.sheets, args.most)
    if not args.no_speed:
        speed.into(out, path, task)
    return out


def machine():
    """The processor and the runtime that the figures are of."""
    with open("/proc/cpuinfo") as f:
        cpu = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores of {cpu}, ONNX Runtime {onnxruntime.__version__}"


def write(out):
    """Puts a report into the manifest and the card."""
    entry = manifest.entry(out.name)
    with open(path_of(out.name), "rb") as f:
        if not entry or manifest.digest(f.read()) != entry["sha256"]:
            raise SystemExit(f"{out.name}.onnx is not the file of the manifest: run quantize.py first")
    kept = {k: v for k, v in entry["measured"].items() if k.startswith(("latency", "session"))} if "session_mb" not in out.figures else {}
    made = entry.get("remark", "").split(" Figures:")[0]
    remark = f"{made} Figures: dev split (evaluation/dev.csv), {machine()}.".strip()
    manifest.put({**entry, "measured": dict(sorted({**kept, **out.figures}.items())), "date": manifest.today(), "remark": remark})
    out.note(f"Measured on {manifest.today()} with version {entry['version']}; {machine()}.")
    out.into_card(os.path.join(dev.MODELS, "cards", entry["card"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", help="folder of the data pack")
    parser.add_argument("--nets", nargs="+", default=list(TASKS), help="all, if not given")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--sheets", help="folder outside the tree")
    parser.add_argument("--most", type=int)
    parser.add_argument("--no-speed", action="store_true", help="leave latency and memory out (a busy machine)")
    args = parser.parse_args()
    nets = dict((n.split("=", 1) + [None])[:2] for n in args.nets)
    if unknown := set(nets) - set(TASKS):
        parser.error(f"there is no net {', '.join(sorted(unknown))}")
    if args.write and (args.most or any(nets.values())):
        parser.error("--write is for the shipped files and the whole dev split")
    args.sheets = sheet.folder(args.sheets) if args.sheets else None
    cv2.setNumThreads(1)
    split = dev.Split(args.data)
    for name, file in nets.items():
        path = file or path_of(name)
        if not os.path.exists(path):
            print(f"## {name}\n\nnot measured: there is no {os.path.basename(path)}\n")
            continue
        out = score(split, name, path, args)
        print(f"## {name}\n\n{out.text()}\n", flush=True)
        if args.write:
            write(out)


if __name__ == "__main__":
    main()
