"""Samples from other processes, through shared memory: the trainer's core never decodes a picture.

`make(pack, seed)` (importable, as "module:callable") returns an object with sample(size) -> tuple of uint8 arrays.
"""

import importlib
import multiprocessing as mp
import os
from multiprocessing import shared_memory

import numpy as np

AHEAD = 6  # batches kept ready by each process


def _layout(size, batch):
    """Shapes of a batch: pictures, alphas, weights."""
    return (batch, size, size, 3), (batch, size, size), (batch, size, size)


def _work(make, pack, seed, core, memory, slots, size, batch, free, ready):
    import cv2

    cv2.setNumThreads(1)
    if core is not None:
        os.sched_setaffinity(0, {core})
    module, name = make.split(":")
    source = getattr(importlib.import_module(module), name)(pack, seed)
    block = shared_memory.SharedMemory(memory)
    shapes = _layout(size, batch)
    lengths = [int(np.prod(s)) for s in shapes]
    while True:
        slot = free.get()
        if slot is None:
            break
        at = slot * sum(lengths)
        views = []
        for shape, length in zip(shapes, lengths):
            views.append(np.ndarray(shape, np.uint8, block.buf, at))
            at += length
        for i in range(batch):
            for view, part in zip(views, source.sample(size)):
                view[i] = part
        del view, views
        ready.put(slot)
    block.close()


class Loader:
    """Batches of one size. Use as a context manager: the processes and the memory end with it."""

    def __init__(self, make, pack, size, batch, seed, cores=(None,)):
        context = mp.get_context("spawn")
        self._shapes = _layout(size, batch)
        self._lengths = [int(np.prod(s)) for s in self._shapes]
        slots = AHEAD * len(cores)
        self._block = shared_memory.SharedMemory(create=True, size=slots * sum(self._lengths))
        self._free, self._ready = context.Queue(), context.Queue()
        for slot in range(slots):
            self._free.put(slot)
        self._workers = [
            context.Process(
                target=_work,
                args=(make, pack, seed + 1000 * i, core, self._block.name, slots, size, batch, self._free, self._ready),
                daemon=True,
            )
            for i, core in enumerate(cores)
        ]
        for worker in self._workers:
            worker.start()

    def next(self):
        """The next batch, copied out: list of uint8 arrays [batch, ...]."""
        while True:
            try:
                slot = self._ready.get(timeout=20)
                break
            except Exception:
                if not any(w.is_alive() for w in self._workers):
                    raise RuntimeError("every loader process has ended") from None
        at, parts = slot * sum(self._lengths), []
        for shape, length in zip(self._shapes, self._lengths):
            parts.append(np.ndarray(shape, np.uint8, self._block.buf, at).copy())
            at += length
        self._free.put(slot)
        return parts

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for _ in self._workers:
            self._free.put(None)
        for worker in self._workers:
            worker.join(5)
            if worker.is_alive():
                worker.terminate()
        self._block.close()
        self._block.unlink()
