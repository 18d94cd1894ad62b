"""The packed training set: one file, read through a memory map, so that a second machine needs nothing else.

Layout: the magic, the length of the index (8 bytes, little endian), the index (JSON), then the blobs (JPEG and PNG, as they
are). An entry of the index is a dict:

    name     path in the data pack, without its first folder
    kind     "cut"   a person cut out by a known backdrop: picture = foreground colours, alpha = the truth
             "matte" a picture with a repaired machine matte: alpha, and sure = where the matte may be believed
             "sure"  a picture with only the teacher's sure pixels
             "scene" a background without a person
    set      set of the data pack
    face     {"box": [x0, y0, x1, y1], "points": 5 x [x, y]} in pixels of the picture, or null
    faces    {"n": faces found, "big": those of a size that counts, "score": best score}
    cut      (matte only) true if the matte is good enough to cut the person out with
    picture, alpha, sure    [offset, length] of a blob, where the kind has it
"""

import json
import mmap

import cv2
import numpy as np

MAGIC = b"PASPACK1"


def write(path, entries):
    """Writes entries: dicts as above whose blobs are still bytes. Returns the size of the file in bytes."""
    index, at, blobs = [], 0, []
    for entry in entries:
        row = {}
        for key, value in entry.items():
            if isinstance(value, bytes):
                row[key] = [at, len(value)]
                blobs.append(value)
                at += len(value)
            else:
                row[key] = value
        index.append(row)
    head = json.dumps(index, separators=(",", ":")).encode()
    with open(path, "wb") as f:
        f.write(MAGIC + len(head).to_bytes(8, "little") + head)
        for blob in blobs:
            f.write(blob)
        return f.tell()


class Pack:
    """An open pack. `entries` is the index; `read` decodes one blob of an entry."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self._map = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[:8] != MAGIC:
            raise ValueError(f"{path} is not a training pack")
        size = int.from_bytes(self._map[8:16], "little")
        self.entries = json.loads(self._map[16 : 16 + size])
        self._base = 16 + size

    def of(self, *kinds):
        """The entries of the given kinds, in the order of the file."""
        return [e for e in self.entries if e["kind"] in kinds]

    def read(self, entry, blob):
        """Decodes a blob: picture -> uint8 [h, w, 3] BGR; alpha, sure -> uint8 [h, w]."""
        at, size = entry[blob]
        data = np.frombuffer(self._map[self._base + at : self._base + at + size], np.uint8)
        return cv2.imdecode(data, cv2.IMREAD_COLOR if blob == "picture" else cv2.IMREAD_GRAYSCALE)
