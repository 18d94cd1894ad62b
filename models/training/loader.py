"""Samples from other processes, through shared memory: the trainer's core never decodes a picture."""

import importlib
import multiprocessing as mp
import os
import queue
from multiprocessing import shared_memory

import numpy as np

AHEAD = 6  # batches kept ready by each process


def _views(block, slot, parts, batch):
    """The arrays of one slot: parts is a list of (shape of a sample, dtype). Each begins at a multiple of 64 bytes."""
    sizes = [(batch * int(np.prod(shape)) * np.dtype(kind).itemsize + 63) // 64 * 64 for shape, kind in parts]
    at, views = slot * sum(sizes), []
    for (shape, kind), size in zip(parts, sizes):
        views.append(np.ndarray((batch, *shape), kind, block.buf, at) if block else size)
        at += size
    return views, sum(sizes)


def _work(make, made_of, seed, ask, core, memory, parts, batch, free, ready):
    import cv2

    cv2.setNumThreads(1)
    if core is not None:
        os.sched_setaffinity(0, {core})
    module, name = make.split(":")
    source = getattr(importlib.import_module(module), name)(*made_of, seed)
    block = shared_memory.SharedMemory(memory)
    while True:
        try:
            slot = free.get(timeout=20)
        except queue.Empty:
            if not mp.parent_process().is_alive():
                return  # killed, and so never said that it is over
            continue
        if slot is None:
            break
        views, _ = _views(block, slot, parts, batch)
        for i in range(batch):
            for view, part in zip(views, source.sample(*ask)):
                view[i] = part
        del view, views
        ready.put(slot)
    block.close()


class Loader:
    """Batches of samples. make ("module:callable") is called with made_of and a seed in each process and returns an object whose
    sample(*ask) gives the arrays that parts describes: (shape, dtype) each. Use as a context manager: the processes and the
    memory end with it."""

    def __init__(self, make, made_of, ask, parts, batch, seed, cores=(None,)):
        context = mp.get_context("spawn")
        self._parts, self._batch = parts, batch
        slots = AHEAD * len(cores)
        self._block = shared_memory.SharedMemory(create=True, size=slots * _views(None, 0, parts, batch)[1])
        self._free, self._ready = context.Queue(), context.Queue()
        for slot in range(slots):
            self._free.put(slot)
        self._workers = [
            context.Process(
                target=_work,
                args=(make, made_of, seed + 1000 * i, ask, core, self._block.name, parts, batch, self._free, self._ready),
                daemon=True,
            )
            for i, core in enumerate(cores)
        ]
        for worker in self._workers:
            worker.start()

    def next(self):
        """The next batch, copied out: list of arrays [batch, ...]."""
        while True:
            try:
                slot = self._ready.get(timeout=20)
                break
            except queue.Empty:
                if not any(w.is_alive() for w in self._workers):
                    raise RuntimeError("every loader process has ended") from None
        views, _ = _views(self._block, slot, self._parts, self._batch)
        copies = [view.copy() for view in views]
        self._free.put(slot)
        return copies

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
