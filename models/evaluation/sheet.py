"""Sheets of pictures to look at. They show real people, so they are never written into the tree."""

import os

import cv2
import numpy as np

from dev import MODELS

TREE = os.path.dirname(MODELS)


def folder(path):
    """Makes the folder for sheets; one inside the tree is refused."""
    real = os.path.realpath(path)
    if os.path.commonpath([real, os.path.realpath(TREE)]) == os.path.realpath(TREE):
        raise SystemExit(f"{path} is inside the tree: sheets show real people and stay outside")
    os.makedirs(real, exist_ok=True)
    return real


def tile(picture, title, size=(400, 260)):
    """A picture uint8 [h, w, 3] BGR fitted into size (w, h) on grey, with a title."""
    w, h = size
    k = min(w / picture.shape[1], (h - 18) / picture.shape[0])
    small = cv2.resize(picture, (max(1, int(picture.shape[1] * k)), max(1, int(picture.shape[0] * k))), interpolation=cv2.INTER_AREA)
    out = np.full((h, w, 3), 60, np.uint8)
    out[18 : 18 + small.shape[0], : small.shape[1]] = small
    cv2.putText(out, title, (3, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
    return out


def write(path, tiles, columns):
    """Writes equal tiles as one PNG, row by row."""
    if not tiles:
        return
    blank = np.zeros_like(tiles[0])
    tiles = tiles + [blank] * (-len(tiles) % columns)
    cv2.imwrite(path, np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]))
