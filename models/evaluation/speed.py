"""Latency and memory of a net, each in a process of its own: python speed.py FILE.onnx [...]

The session is set up as the edge does it: no arena, no memory pattern; two threads wait awake for the next layer, and sleep when a
run is over. Several hundred runs after a warm-up, three
times over; the block with the lowest median counts, because a neighbour can only make it slower.
"""

import json
import os
import subprocess
import sys

RUNS = {"detector": 300, "face": 500, "matte": 200}  # in a block
BLOCKS = 3


def peak():
    """Largest resident memory of this process so far, MB."""
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024


def child(path, threads, runs):
    """Prints {"ms": [of each run, by block], "peak": MB, "before": MB} for one net."""
    import time

    import numpy as np
    import onnxruntime as ort

    before = peak()
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if threads > 1 else "0")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    net = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (picture,) = net.get_inputs()
    values = np.random.default_rng(1).integers(0, 256, picture.shape).astype(np.uint8)
    x = values if picture.type == "tensor(uint8)" else values.astype(np.float32) / 255
    for _ in range(max(10, runs // 10)):
        net.run(None, {picture.name: x})
    blocks = []
    for _ in range(BLOCKS):
        blocks.append([])
        for _ in range(runs):
            start = time.perf_counter()
            net.run(None, {picture.name: x})
            blocks[-1].append(1e3 * (time.perf_counter() - start))
    print(json.dumps({"ms": blocks, "peak": peak(), "before": before}))


def measure(path, runs):
    """{threads: (median ms, 95th percentile ms)} for 1 and 2 threads, and the memory that a session of one thread adds, MB."""
    import numpy as np

    times, memory = {}, None
    for threads in (1, 2):
        done = subprocess.run([sys.executable, os.path.abspath(__file__), path, str(threads), str(runs)], capture_output=True, text=True, check=True)
        got = json.loads(done.stdout)
        best = min(got["ms"], key=np.median)
        times[threads] = float(np.median(best)), float(np.percentile(best, 95))
        memory = memory or got["peak"] - got["before"]
    return times, memory


def into(report, path, task):
    """Adds size, latency and memory to a report."""
    times, memory = measure(path, RUNS[task])
    size = os.path.getsize(path)
    rows = [[f"{n} thread{'s' if n > 1 else ''}", f"{p50:.2f}", f"{p95:.2f}"] for n, (p50, p95) in times.items()]
    report.table("Latency, ms", ["", "median", "95th percentile"], rows)
    report.note(f"The file has {size:,} bytes; a session adds {memory:.0f} MB to a process at its peak.")
    for n, (p50, p95) in times.items():
        threads = "" if n == 1 else f"_{n}_threads"
        report.figure(f"latency_ms_p50{threads}", p50, 2)
        report.figure(f"latency_ms_p95{threads}", p95, 2)
    report.figure("session_mb", memory, 1)


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[2].isdigit():
        child(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    else:
        for file in sys.argv[1:]:
            times, memory = measure(file, 300)
            print(file, *(f"{n} threads: {a:.2f} ms, p95 {b:.2f};" for n, (a, b) in times.items()), f"{memory:.0f} MB")
