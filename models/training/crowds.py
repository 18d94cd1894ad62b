"""Training pictures for the detector: real pictures with the one face YuNet found, people cut out and put into scenes by the
handful, and scenes without anybody.

A sample is a picture uint8 [320, 320, 3] RGB and float32 [MOST, 15]: 1 (0 where there is no face), the box x0, y0, x1, y1, five
points x, y; in pixels. The picture is letterboxed as the edge does it, the face any size from 12 pixels to the whole picture.
"""

import cv2
import numpy as np

import compose
import packfile
import props
import textures

SIDE = 320
MOST = 6
SURE_SCORE = 0.8  # YuNet's, for a picture to teach


class Crowds:
    """Makes samples for one loader."""

    def __init__(self, path, seed):
        self._pack = packfile.Pack(path)
        self._rng = np.random.default_rng(seed)
        cv2.setRNGSeed(int(self._rng.integers(2**31)))
        one = lambda e: e["face"] and e["faces"]["n"] == 1 and e["faces"]["score"] >= SURE_SCORE
        self._real = [e for e in self._pack.of("matte", "sure") if one(e)]
        self._cut = [e for e in self._pack.of("cut", "matte") if one(e) and (e["kind"] == "cut" or e.get("cut"))]
        self._scenes = self._pack.of("scene")
        self._cache = {}

    def _read(self, entry, blob):
        key = entry["name"], blob
        if key not in self._cache:
            self._cache[key] = self._pack.read(entry, blob)
        return self._cache[key]

    def _scene(self):
        rng = self._rng
        if rng.random() < 0.25:
            return textures.surface(rng, SIDE).astype(np.float32)
        picture = self._read(self._scenes[rng.integers(len(self._scenes))], "picture")
        h, w = picture.shape[:2]
        part = rng.uniform(0.4, 1)
        ph, pw = int(h * part), int(w * part)
        y, x = rng.integers(h - ph + 1), rng.integers(w - pw + 1)
        scene = cv2.resize(picture[y : y + ph, x : x + pw], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        return compose.tone(rng, scene).astype(np.float32)

    def _map(self, entry, width, at):
        """Similarity that makes the face `width` pixels wide with its centre at `at`, a little turned, mirrored half of the time."""
        rng = self._rng
        x0, y0, x1, y1 = entry["face"]["box"]
        k = width / max(x1 - x0, 1)
        angle = np.radians(rng.normal(0, 9))
        flip = -1 if rng.random() < 0.5 else 1
        c, s = np.cos(angle) * k, np.sin(angle) * k
        linear = np.float32([[c * flip, -s], [s * flip, c]])
        start = np.float32(at) - linear @ np.float32([(x0 + x1) / 2, (y0 + y1) / 2])
        return np.float32([[*linear[0], start[0]], [*linear[1], start[1]]]), flip

    def _moved(self, entry, m, flip):
        """The row of a face after the map."""
        x0, y0, x1, y1 = entry["face"]["box"]
        corners = np.float32([[x0, y0], [x1, y0], [x0, y1], [x1, y1], [(x0 + x1) / 2, y0], [(x0 + x1) / 2, y1], [x0, (y0 + y1) / 2], [x1, (y0 + y1) / 2]])
        # Turned a little, the box of the middles of the sides is closer to a face's than that of the corners.
        corners = corners[4:] @ m[:, :2].T + m[:, 2]
        five = np.float32(entry["face"]["points"])[[1, 0, 2, 4, 3] if flip < 0 else [0, 1, 2, 3, 4]] @ m[:, :2].T + m[:, 2]
        return np.concatenate([[1], corners.min(0), corners.max(0), five.ravel()]).astype(np.float32)

    def sample(self):
        rng = self._rng
        rows = np.zeros((MOST, 15), np.float32)
        r = rng.random()
        if r < 0.5:
            entry = self._real[rng.integers(len(self._real))]
            picture = self._read(entry, "picture")
            x0, _, x1, _ = entry["face"]["box"]
            whole = SIDE / max(picture.shape[:2])
            width = (x1 - x0) * whole * np.exp(rng.uniform(-0.7, 0.5))
            m, flip = self._map(entry, width, rng.normal(SIDE / 2, SIDE * 0.1, 2))
            grey = tuple(float(v) for v in textures.colour(rng))
            x = compose.warp(picture, m, SIDE, cv2.BORDER_CONSTANT if rng.random() < 0.7 else cv2.BORDER_REFLECT_101, grey)
            rows[0] = self._moved(entry, m, flip)
            # Reflected borders would show a second, unlabelled face: only where they stay thin.
            corners = np.float32([[0, 0], [picture.shape[1], 0], [0, picture.shape[0]], picture.shape[1::-1]]) @ m[:, :2].T + m[:, 2]
            if corners.min() > 0.12 * SIDE or corners.max() < 0.88 * SIDE:
                x = compose.warp(picture, m, SIDE, cv2.BORDER_CONSTANT, grey)
            x = compose.tone(rng, x).astype(np.float32)
        else:
            x = self._scene()
            count = 0 if r < 0.62 else 1 if r < 0.78 else int(rng.integers(2, MOST + 1))
            placed = 0
            for _ in range(count):
                entry = self._cut[rng.integers(len(self._cut))]
                width = np.exp(rng.uniform(np.log(14), np.log(150 if count == 1 else 75)))
                m, flip = self._map(entry, width, rng.uniform(0.08, 0.92, 2) * SIDE)
                row = self._moved(entry, m, flip)
                grown = row[1:5] + np.float32([-0.6, -0.7, 0.6, 0.7]) * width
                if any(min(grown[2], o[3]) > max(grown[0], o[1]) and min(grown[3], o[4]) > max(grown[1], o[2]) for o in rows[:placed]):
                    continue
                alpha = self._read(entry, "alpha")
                fore = self._read(entry, "picture")
                a = compose.warp(alpha, m, SIDE, cv2.BORDER_CONSTANT).astype(np.float32)
                top = grown[3] + width * 0.4  # shoulders only so far, or people would cover each other
                a *= np.clip((top - np.arange(SIDE, dtype=np.float32)) / (0.2 * width), 0, 1)[:, None] / 255
                person = compose.tone(rng, compose.warp(fore, m, SIDE)).astype(np.float32)
                x += (person - x) * a[..., None]
                rows[placed] = row
                placed += 1
            if placed == 1 and rng.random() < 0.3:
                props.hat(rng, x, np.zeros((SIDE, SIDE), np.float32), rows[0, 5:].reshape(5, 2))
        return np.ascontiguousarray(compose.spoil(rng, x)[..., ::-1]), rows


def main():
    """python crowds.py PACK OUT.png: a sheet of samples to look at."""
    import sys

    cv2.setNumThreads(1)
    source, tiles = Crowds(sys.argv[1], 1), []
    for _ in range(40):
        picture, rows = source.sample()
        shown = np.ascontiguousarray(picture[..., ::-1])
        for row in rows[rows[:, 0] > 0]:
            cv2.rectangle(shown, tuple(int(v) for v in row[1:3]), tuple(int(v) for v in row[3:5]), (0, 255, 0), 1)
            for p, tone in zip(row[5:].reshape(5, 2), ((0, 0, 255), (255, 0, 0), (0, 255, 255), (255, 0, 255), (255, 255, 0))):
                cv2.circle(shown, (int(p[0]), int(p[1])), 1, tone, -1)
        tiles.append(cv2.resize(shown, (200, 200), interpolation=cv2.INTER_AREA))
    cv2.imwrite(sys.argv[2], np.vstack([np.hstack(tiles[i : i + 8]) for i in range(0, 40, 8)]))


if __name__ == "__main__":
    main()
