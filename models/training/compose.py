"""Training pictures for the matte: people with a known alpha put into scenes, and real pictures with the pixels we are sure of.

Everything comes from one seeded numpy Generator. A sample is
    picture uint8 [S, S, 3] RGB, alpha uint8 [S, S], weight uint8 [S, S] (0 not judged, 1 judged, 4 judged and near an edge).
"""

import cv2
import numpy as np

import packfile
import props
import textures

COMPOSITES = 0.6  # share of samples that are composites
MEETING = 0.2  # share of the scenes made of two
NIGHT = 0.12  # share of the scenes that are dark
BANK = 320  # drawn surfaces kept ready
BANK_SIZE = 400  # their side, pixels


def foreground(picture, alpha):
    """Colours of the person alone, by two rounds of blurred fusion: picture uint8 [h, w, 3], alpha uint8 [h, w] -> uint8."""
    a = alpha.astype(np.float32)[..., None] / 255
    image = picture.astype(np.float32)
    fore, back = image, image
    for radius in (90, 6):
        k = (radius, radius)
        share = cv2.blur(a, k)[..., None]
        blurred_fore = cv2.blur(fore * a, k) / (share + 1e-5)
        blurred_back = cv2.blur(back * (1 - a), k) / (1 - share + 1e-5)
        back = blurred_back
        fore = np.clip(blurred_fore + a * (image - a * blurred_fore - (1 - a) * blurred_back), 0, 255)
    return fore.astype(np.uint8)


def soften(x, sigma):
    """Gaussian blur, sigma in pixels; a wide one is made at a quarter of the size."""
    if sigma < 3.5:
        return cv2.GaussianBlur(x, (0, 0), sigma)
    h, w = x.shape[:2]
    small = cv2.resize(x, (max(2, w // 4), max(2, h // 4)), interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / 4), (w, h), interpolation=cv2.INTER_LINEAR)


def warp(picture, m, side, border=cv2.BORDER_REPLICATE, value=0):
    """The picture [h, w] or [h, w, 3] under the map 2 x 3, side x side. It is reduced first where it shrinks, so that it has no
    stairs. The map takes pixel centres to pixel centres."""
    shrink = float(np.sqrt(abs(np.linalg.det(m[:, :2]))))
    if shrink < 0.5:
        f = shrink * 1.5
        picture = cv2.resize(picture, None, fx=f, fy=f, interpolation=cv2.INTER_AREA)
        half, m = np.float32([0.5, 0.5]), m.copy()
        m[:, 2] += m[:, :2] @ (half / f - half)
        m[:, :2] /= f
    return cv2.warpAffine(picture, m, (side, side), borderMode=border, borderValue=value)


LEVELS = np.arange(256, dtype=np.float32) / 255


def tone(rng, x, strength=1.0):
    """Gain, gamma, cast, saturation: uint8 (or float32 0..255) [h, w, 3] in, uint8 out. Tables, because it is done often."""
    if x.dtype != np.uint8:
        x = cv2.convertScaleAbs(np.maximum(x, 0))
    gamma = np.exp(rng.normal(0, 0.22 * strength))
    gain = np.exp(rng.normal(0, 0.12 * strength)) * np.exp(rng.normal(0, 0.06 * strength, 3))
    table = np.clip(255 * (LEVELS**gamma)[:, None] * gain, 0, 255).astype(np.uint8)
    x = cv2.LUT(x, table[None])
    if rng.random() < 0.5:
        k = rng.uniform(1 - 0.6 * strength, 1 + 0.4 * strength)
        x = cv2.transform(x, k * np.eye(3) + (1 - k) / 3)
    return x


def spoil(rng, x):
    """What cameras and web sites do: side light, tone, blur, loss of size, noise, JPEG, grey. [S, S, 3] -> uint8."""
    size = x.shape[0]
    if rng.random() < 0.35:
        a, strength = rng.uniform(0, 6.28), rng.uniform(0.1, 0.5)
        ramp = np.linspace(-1, 1, size, dtype=np.float32)
        light = 1 + strength * (np.cos(a) * ramp[None] + np.sin(a) * ramp[:, None])
        x = cv2.multiply(x, cv2.merge([light.astype(np.float32)] * 3), dtype=cv2.CV_8U)
    if x.dtype != np.uint8:
        x = cv2.convertScaleAbs(np.maximum(x, 0))
    if rng.random() < 0.7:
        x = tone(rng, x, 0.8)
    r = rng.random()
    if r < 0.2:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.4, 1.6))
    elif r < 0.35:
        small = int(size * rng.uniform(0.35, 0.9))
        x = cv2.resize(cv2.resize(x, (small, small), interpolation=cv2.INTER_AREA), (size, size), interpolation=cv2.INTER_LINEAR)
    elif r < 0.45:
        k = rng.uniform(0.3, 1.2)
        x = cv2.addWeighted(x, 1 + k, cv2.GaussianBlur(x, (0, 0), 1.5), -k, 0)
    if rng.random() < 0.4:
        coarse = rng.random() < 0.3
        n = size // 2 if coarse else size
        grain = np.empty((n, n, 3), np.int16)
        cv2.randn(grain, 0, rng.uniform(1, 14))  # numpy's normal numbers would cost more than the rest of a sample
        grain = cv2.resize(grain, (size, size)) if coarse else grain
        x = cv2.add(x, grain, dtype=cv2.CV_8U)
    if rng.random() < 0.03:
        x = cv2.cvtColor(cv2.cvtColor(x, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.6:
        x = cv2.imdecode(cv2.imencode(".jpg", x, [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(38, 95))])[1], cv2.IMREAD_COLOR)
    return x


def edge_weight(alpha, believed):
    """uint8 [S, S] weights: 4 in the dilated band of partial alpha, 1 elsewhere, 0 where not believed (bool)."""
    size = alpha.shape[0]
    k = max(3, size // 80) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (k, k))
    band = cv2.dilate(alpha, kernel).astype(np.int16) - cv2.erode(alpha, kernel) > 20
    return np.where(believed, np.where(band, 4, 1), 0).astype(np.uint8)


def place(rng, alpha, face, size, scale=(0.6, 1.55), turn=13):
    """An affine map 2 x 3 from a cut person to a frame of size x size, such that where the cut meets the border of its own
    picture (shoulders) it leaves the frame. scale: range, 1 fills the frame; turn: degrees at most."""
    h, w = alpha.shape
    step = 8
    border = [(x, h - 1) for x in range(0, w, step) if alpha[h - 1, x] > 90]
    border += [(x, y) for x in (0, w - 1) for y in range(0, h, step) if alpha[y, x] > 90]
    border = np.float32(border or [(w / 2, h - 1)])
    rows = np.flatnonzero(alpha.max(1) > 90)
    crown = float(rows[0]) if len(rows) else 0.0
    centre = face.mean(0)
    for attempt in range(6):
        s = rng.uniform(*scale)
        aspect = np.sqrt(rng.uniform(0.72, 1.1))
        sx, sy = size / w * s * aspect, size / h * s / aspect
        angle = np.radians(rng.uniform(-turn, turn) if attempt < 4 else 0)
        c, sn = np.cos(angle), np.sin(angle)
        linear = np.float32([[c * sx, -sn * sy], [sn * sx, c * sy]])
        tx = size * rng.uniform(0.3, 0.7) - (linear @ centre)[0]
        moved = border @ linear.T
        inside = (moved[:, 0] + tx > 0) & (moved[:, 0] + tx < size - 1)
        lowest = size - moved[inside, 1].min() if inside.any() else -np.inf
        top = (linear @ np.float32([centre[0], crown]))[1]
        ty = max(lowest, size * rng.uniform(-0.03, 0.3) - top)
        if (linear @ centre)[1] + ty < size * 0.8:
            break
    return np.float32([[linear[0, 0], linear[0, 1], tx], [linear[1, 0], linear[1, 1], ty]])


class Composer:
    """Makes samples for one loader. Pictures are decoded once and kept as uint8 (about 1.5 GB in all)."""

    def __init__(self, path, seed):
        self._pack = packfile.Pack(path)
        self._rng = np.random.default_rng(seed)
        cv2.setRNGSeed(int(self._rng.integers(2**31)))
        entries = [e for e in self._pack.of("cut", "matte") if e["face"] and (e["kind"] == "cut" or e.get("cut"))]
        self._keyed = [e for e in entries if e["kind"] == "cut"]
        self._matted = [e for e in entries if e["kind"] == "matte"]
        self._labelled = self._pack.of("matte")
        self._sure = self._pack.of("sure")
        self._scenes = self._pack.of("scene")
        self._cache = {}
        self._bank = []
        self._made = 0

    def _decoded(self, entry, blob):
        key = entry["name"], blob
        if key not in self._cache:
            self._cache[key] = self._pack.read(entry, blob)
        return self._cache[key]

    def _person(self):
        """A cut person: (colours uint8 [h, w, 3], alpha uint8 [h, w], face 5 x 2, chin y), mirrored half of the time."""
        rng = self._rng
        some = self._matted if rng.random() < 0.38 else self._keyed
        entry = some[rng.integers(len(some))]
        alpha = self._decoded(entry, "alpha")
        if entry["kind"] == "cut":
            colours = self._decoded(entry, "picture")
        else:
            key = entry["name"], "foreground"
            if key not in self._cache:
                self._cache[key] = foreground(self._pack.read(entry, "picture"), alpha)
            colours = self._cache[key]
        face = np.float32(entry["face"]["points"])
        chin = entry["face"]["box"][3]
        if rng.random() < 0.5:
            w = alpha.shape[1]
            colours, alpha = colours[:, ::-1], alpha[:, ::-1]
            face = np.float32([w - 1, 0]) + face[[1, 0, 2, 4, 3]] * np.float32([-1, 1])
        return colours, alpha, face, chin

    def _scene(self, size):
        """A background, float32 [S, S, 3] BGR: one view, or two that meet at a line or a curve, since the pack has few hundred."""
        rng = self._rng
        scene = self._view(size)
        if rng.random() < MEETING:
            angle = rng.uniform(0, 6.28)
            ramp = np.linspace(-1, 1, size, dtype=np.float32)
            side = np.cos(angle) * ramp[None] + np.sin(angle) * ramp[:, None] + rng.uniform(-0.6, 0.6)
            if rng.random() < 0.5:
                side = side + textures.noise(rng, size, size / rng.uniform(1.5, 4), octaves=2) * rng.uniform(0.2, 0.8)
            sharp = size / 2 * (1 if rng.random() < 0.6 else rng.uniform(0.02, 0.3))
            share = np.clip(side * sharp + 0.5, 0, 1)[..., None]
            scene += (self._view(size) - scene) * share
        return scene

    def _view(self, size):
        """One of them."""
        rng = self._rng
        r = rng.random()
        if r < 0.12:  # plain or gradient
            a, b = textures.colour(rng), textures.colour(rng)
            if rng.random() < 0.5:
                b = a * rng.uniform(0.8, 1.2)
            if rng.random() < 0.5:
                a, b = a * 0.3 + 170, b * 0.3 + 170
            t = np.linspace(0, 1, size, dtype=np.float32)
            t = t[:, None] if rng.random() < 0.7 else t[None]
            return np.ascontiguousarray(np.broadcast_to(a + (b - a) * t[..., None], (size, size, 3)).astype(np.float32))
        if r < 0.44:
            if len(self._bank) < BANK:
                self._bank.append(textures.surface(rng, BANK_SIZE))
            elif self._made % 8 == 0:
                self._bank[rng.integers(BANK)] = textures.surface(rng, BANK_SIZE)
            picture = self._bank[rng.integers(len(self._bank))]
        else:
            picture = self._decoded(self._scenes[rng.integers(len(self._scenes))], "picture")
        h, w = picture.shape[:2]
        part = rng.uniform(0.3, 1) if rng.random() < 0.7 else 1.0
        ph, pw = max(32, int(h * part * rng.uniform(0.75, 1))), max(32, int(w * part))
        y, x = rng.integers(h - ph + 1), rng.integers(w - pw + 1)
        crop = picture[y : y + ph, x : x + pw]
        if rng.random() < 0.5:
            crop = crop[:, ::-1]
        scene = cv2.resize(np.ascontiguousarray(crop), (size, size), interpolation=cv2.INTER_LINEAR)
        if rng.random() < 0.45:
            scene = soften(scene, size * rng.uniform(0.003, 0.03))
        scene = tone(rng, scene).astype(np.float32)
        if rng.random() < NIGHT:
            scene *= np.float32(rng.uniform(0.1, 0.5))
        return scene

    def _dress(self, x, face, chin):
        """New clothes: changes float32 [S, S, 3] below the chin where it is not skin. face and chin in the frame."""
        rng = self._rng
        size = x.shape[0]
        if chin >= size - 8:
            return x
        gap = max(float(np.hypot(*(face[1] - face[0]))), 4.0)
        nose = face[2]
        r = max(2, int(gap * 0.4))
        ny, nx = int(np.clip(nose[1], r, size - r)), int(np.clip(nose[0], r, size - r))
        patch = x[ny - r : ny + r, nx - r : nx + r].reshape(-1, 3)
        skin = np.median(patch, 0) if len(patch) else np.float32([120, 140, 180])
        lower = x[int(max(chin, 0)) :]
        light = lower.mean(-1, keepdims=True)
        chroma = lower / (light + 12) - skin / (skin.mean() + 12)
        is_skin = (np.abs(chroma).max(-1) < 0.16) & (np.abs(light[..., 0] - skin.mean()) < 70)
        mask = np.where(is_skin, 0, 255).astype(np.uint8)
        k = max(3, size // 90)
        mask = cv2.blur(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((k, k), np.uint8)), (3, 3)).astype(np.float32)[..., None] / 255
        fade = np.clip((np.arange(lower.shape[0], dtype=np.float32) - gap * 0.1) / (gap * 0.35), 0, 1)[:, None, None]
        mean = max(float(light.mean()), 25.0)
        shading = np.clip(0.35 + 0.65 * light / mean, 0.3, 1.7)
        kind = rng.random()
        if kind < 0.4:
            new = textures.colour(rng, *(() if rng.random() < 0.7 else (textures.SKIN,))) * shading
        elif kind < 0.62:
            new = self._scene(size)[: lower.shape[0]] * shading
        elif kind < 0.82:
            new = props.cloth(rng, size)[: lower.shape[0]] * shading
        else:
            new = lower[..., rng.permutation(3)]
        x[int(max(chin, 0)) :] = lower + (np.clip(new, 0, 255) - lower) * mask * fade
        return x

    def composite(self, size):
        """A person in a scene: (picture BGR, alpha, weight)."""
        rng = self._rng
        colours, alpha, face, chin = self._person()
        m = place(rng, alpha, face, size)
        warp = lambda im, border: cv2.warpAffine(im, m, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)
        x = warp(colours, cv2.BORDER_REPLICATE)
        a = warp(np.ascontiguousarray(alpha), cv2.BORDER_CONSTANT).astype(np.float32) / 255
        face = face @ m[:, :2].T + m[:, 2]
        middle = face[3:].mean(0)
        chin_y = float((m[:, :2] @ np.float32([colours.shape[1] / 2, chin]) + m[:, 2])[1])
        gap = max(float(np.hypot(*(face[1] - face[0]))), 4.0)
        scene = self._scene(size)
        if rng.random() < 0.6:
            x = self._dress(x.astype(np.float32), face, chin_y)
        x = tone(rng, x, 0.9).astype(np.float32)
        r = max(2, int(gap * 0.3))
        ny, nx = (int(np.clip(v, r, size - r)) for v in (face[2][1], face[2][0]))
        skin = np.median(x[ny - r : ny + r, nx - r : nx + r].reshape(-1, 3), 0)
        if rng.random() < 0.1:
            props.scarf(rng, x, a, face)
        if rng.random() < 0.14:
            props.hat(rng, x, a, face)
        if rng.random() < 0.14:
            props.arm(rng, x, a, face, skin)
        if rng.random() < 0.07:
            self._second(scene, size)
        if rng.random() < 0.25:
            props.behind(rng, scene, face[:2].mean(0), gap)
            if rng.random() < 0.3:
                scene = soften(scene, size * rng.uniform(0.003, 0.015))
        if rng.random() < 0.2:  # the shadow on the wall
            dx, dy = rng.normal(0, 0.05 * size, 2)
            shadow = cv2.warpAffine(a, np.float32([[1, 0, dx], [0, 1, abs(dy)]]), (size, size))
            scene *= 1 - soften(shadow, size * rng.uniform(0.01, 0.05))[..., None] * np.float32(rng.uniform(0.15, 0.65))
        if rng.random() < 0.35:  # light of the scene
            own = cv2.mean(x, (a > 0.5).astype(np.uint8))[:3]
            x += np.float32(np.subtract(cv2.mean(scene)[:3], own) * rng.uniform(0.1, 0.5))
        elif rng.random() < 0.12:  # a scene that takes the person's own colour, skin or hair
            own = skin if rng.random() < 0.5 else x[int(np.clip(face[:2].mean(0)[1] - gap * 1.2, 0, size - 1)), int(np.clip(middle[0], 0, size - 1))]
            scene += np.float32((own - np.float32(cv2.mean(scene)[:3])) * rng.uniform(0.5, 1))
        if rng.random() < 0.15:
            a = cv2.GaussianBlur(a, (0, 0), rng.uniform(0.5, 1.5))
        x -= scene
        x *= a[..., None]
        x += scene
        a = np.clip(a * 255 + 0.5, 0, 255).astype(np.uint8)
        return spoil(rng, x), a, edge_weight(a, True)

    def _second(self, scene, size):
        """Somebody further back: smaller, often out of focus, and not in the matte. Changes scene in place."""
        rng = self._rng
        colours, alpha, face, _ = self._person()
        m = place(rng, alpha, face, size, (0.25, 0.45))
        m[0, 2] += size * rng.choice((-1, 1)) * rng.uniform(0.15, 0.4)
        x = cv2.warpAffine(colours, m, (size, size), borderMode=cv2.BORDER_REPLICATE)
        a = cv2.warpAffine(np.ascontiguousarray(alpha), m, (size, size)).astype(np.float32)[..., None] / 255
        both = scene + (tone(rng, x) * np.float32(rng.uniform(0.5, 1)) - scene) * a
        scene[:] = soften(both, size * rng.uniform(0.004, 0.02))

    def real(self, size):
        """A picture as it is, with the alpha that is believed: (picture BGR, alpha, weight)."""
        rng = self._rng
        some = self._labelled if rng.random() < 0.42 else self._sure
        entry = some[rng.integers(len(some))]
        picture, sure = self._decoded(entry, "picture"), self._decoded(entry, "sure")
        h, w = picture.shape[:2]
        # A crop turned a little, wholly inside the picture.
        zoom = rng.uniform(1, 1.5) if rng.random() < 0.75 else 1.0
        cw, ch = w / zoom, h / zoom * rng.uniform(0.85, 1)
        limit = np.degrees(np.arctan(min((w - cw) / ch, (h - ch) / cw, 0.2))) * 0.7
        angle = np.radians(rng.uniform(-limit, limit))
        c, s = abs(np.cos(angle)), abs(np.sin(angle))
        ow, oh = cw * c + ch * s, cw * s + ch * c
        if ow > w or oh > h:
            angle, ow, oh = 0.0, cw, ch
        cx = rng.uniform(ow / 2, w - ow / 2) if w > ow else w / 2
        cy = rng.uniform(oh / 2, h - oh / 2) if h > oh else h / 2
        c, s = np.cos(angle), np.sin(angle)
        flip = -1 if rng.random() < 0.5 else 1
        linear = np.float32([[c * cw / size * flip, -s * ch / size], [s * cw / size * flip, c * ch / size]])
        start = np.float32([cx, cy]) - linear @ np.float32([size / 2, size / 2])
        m = np.float32([[*linear[0], start[0]], [*linear[1], start[1]]])
        inverse = cv2.WARP_INVERSE_MAP
        x = cv2.warpAffine(picture, m, (size, size), flags=cv2.INTER_LINEAR | inverse, borderMode=cv2.BORDER_REPLICATE)
        k = np.float32([[256 / w], [256 / h]])
        at_sure = lambda flags: cv2.warpAffine(sure, m * k, (size, size), flags=flags | inverse, borderMode=cv2.BORDER_REPLICATE)
        if entry["kind"] == "matte":
            a = cv2.warpAffine(self._decoded(entry, "alpha"), m, (size, size), flags=cv2.INTER_LINEAR | inverse, borderMode=cv2.BORDER_REPLICATE)
            weight = edge_weight(a, at_sure(cv2.INTER_NEAREST) == 255)
        else:
            level = at_sure(cv2.INTER_LINEAR)
            a = np.where(level > 127, 255, 0).astype(np.uint8)
            weight = ((level > 250) | (level < 5)).astype(np.uint8)
        return spoil(rng, tone(rng, x, 0.7)), a, weight

    def sample(self, size):
        """One sample, picture in RGB."""
        self._made += 1
        make = self.composite if self._rng.random() < COMPOSITES else self.real
        picture, alpha, weight = make(size)
        return np.ascontiguousarray(picture[..., ::-1]), alpha, weight


def main():
    """python compose.py PACK OUT.png: a sheet of samples to look at, and the time they take."""
    import sys
    import time

    cv2.setNumThreads(1)
    composer = Composer(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    tiles = []
    start = time.time()
    for i in range(60):
        picture, alpha, weight = composer.sample(320)
        shown = np.dstack([alpha, np.where(weight == 0, 90, alpha), np.where(weight == 4, 255, alpha)]).astype(np.uint8)
        tiles.append(cv2.resize(np.hstack([picture[..., ::-1], shown]), (320, 160), interpolation=cv2.INTER_AREA))
    print(f"{(time.time() - start) / 60 * 1e3:.0f} ms a sample at 320 px, with decoding")
    start = time.time()
    for _ in range(40):
        composer.sample(512)
    print(f"{(time.time() - start) / 40 * 1e3:.0f} ms a sample at 512 px")
    cv2.imwrite(sys.argv[2], np.vstack([np.hstack(tiles[i : i + 6]) for i in range(0, 60, 6)]))


if __name__ == "__main__":
    main()
