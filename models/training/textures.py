"""Drawn surfaces: what the few hundred backgrounds of the pack lack, in the colours that fool a matte net.

Each function takes a numpy Generator and a size in pixels and returns uint8 [size, size, 3] BGR.
"""

import cv2
import numpy as np

# BGR, 0..255. Colours of skin and hair are here on purpose: a wall of them is the commonest failure.
SKIN = ((190, 205, 240), (150, 180, 225), (125, 155, 205), (95, 130, 185), (70, 100, 150), (50, 72, 112), (35, 48, 75))
HAIR = ((25, 22, 22), (35, 40, 55), (40, 60, 95), (70, 105, 150), (130, 175, 205), (60, 75, 150), (150, 150, 155))
WOOD = ((40, 65, 105), (60, 95, 145), (95, 135, 180), (55, 70, 90), (35, 45, 60), (130, 160, 190))
STONE = ((120, 125, 130), (150, 160, 165), (90, 105, 120), (170, 185, 195), (75, 80, 82), (100, 120, 145))


def colour(rng, *palettes):
    """A colour near one of the palettes', float32 [3]; any colour if there are none."""
    if not palettes:
        any_colour = rng.uniform(0, 255, 3)
        return (any_colour + (any_colour.mean() - any_colour) * rng.uniform(0, 1)).astype(np.float32)
    palette = palettes[rng.integers(len(palettes))]
    return np.clip(np.float32(palette[rng.integers(len(palette))]) * rng.uniform(0.75, 1.2) + rng.normal(0, 8, 3), 0, 255).astype(np.float32)


def noise(rng, size, grain, stretch=1.0, octaves=3):
    """Smooth noise, float32 [size, size], about -1..1. grain: size of the largest lump in pixels; stretch > 1 makes
    it long from top to bottom."""
    total = np.zeros((size, size), np.float32)
    scale = 1.0
    for _ in range(octaves):
        h = max(2, int(size / (grain * stretch)) + 1)
        w = max(2, int(size / grain) + 1)
        total += scale * cv2.resize(rng.normal(0, 0.5, (min(h, size), min(w, size))).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
        grain, scale = max(grain / 2.3, 1), scale * 0.55
    return total


def shade(base, light):
    """base float32 [3] or [h, w, 3] times (1 + light [h, w]), as uint8."""
    return np.clip(base * (1 + light[..., None]), 0, 255).astype(np.uint8)


def plaster(rng, size, *palettes):
    """A wall with stains and a fall-off of light."""
    base = colour(rng, *(palettes or ((SKIN, STONE) if rng.random() < 0.6 else ())))
    light = noise(rng, size, size / rng.uniform(1, 6)) * rng.uniform(0.03, 0.2) + rng.normal(0, rng.uniform(0, 0.05), (size, size)).astype(np.float32)
    return shade(base, light)


def wood(rng, size, *palettes):
    """Planks with grain, upright or lying."""
    base = colour(rng, *(palettes or ((WOOD,) if rng.random() < 0.7 else (SKIN, HAIR))))
    light = np.zeros((size, size), np.float32)
    width = int(size / rng.uniform(2, 11))
    gap = max(1, width // 30)
    for x in range(-int(rng.integers(width)), size, width):
        a, b = max(x, 0), min(x + width, size)
        if b <= a:
            continue
        plank = noise(rng, size, max(width / 3, 4), rng.uniform(4, 14))[:, a:b]
        rings = np.sin(plank * rng.uniform(3, 14)) * rng.uniform(0.02, 0.18)
        light[:, a:b] = plank * rng.uniform(0.03, 0.2) + rings + rng.normal(0, 0.1)
        light[:, a : a + gap] -= rng.uniform(0.1, 0.6)
    out = shade(base, light)
    return np.ascontiguousarray(out.transpose(1, 0, 2)) if rng.random() < 0.4 else out


def stones(rng, size, *palettes):
    """Rubble or cobbles: cells around random points, each lit and coloured for itself."""
    palettes = palettes or ((STONE,) if rng.random() < 0.7 else (SKIN, HAIR))
    n = int(rng.uniform(12, 160))
    small = 160
    seeds = np.full((small, small), 255, np.uint8)
    seeds[rng.integers(0, small, n), rng.integers(0, small, n)] = 0
    distance, label = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    colours = np.stack([colour(rng, *palettes) for _ in range(label.max() + 1)])
    cells = cv2.resize(colours[label].astype(np.uint8), (size, size), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    joint = cv2.resize(distance / max(distance.max(), 1), (size, size))
    light = 0.25 - joint * rng.uniform(0.3, 1.2) + noise(rng, size, size / 12) * rng.uniform(0.05, 0.2)
    return shade(cells, light)


def bricks(rng, size, *palettes):
    """Bricks or tiles with joints."""
    palettes = palettes or ((STONE, WOOD) if rng.random() < 0.6 else (SKIN,))
    rows = int(rng.uniform(4, 22))
    h = size / rows
    w = h * rng.uniform(1, 3)
    cols = int(size / w) + 2
    tones = np.stack([[colour(rng, *palettes) if rng.random() < 0.3 else (0, 0, 0) for _ in range(cols)] for _ in range(rows + 1)])
    base = colour(rng, *palettes)
    tones = np.where(tones.sum(-1, keepdims=True) > 0, 0.5 * tones + 0.5 * base, base) * rng.uniform(0.85, 1.15, (rows + 1, cols, 1))
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    row = (y / h).astype(int)
    across = x / w + (row % 2) * (0.5 if rng.random() < 0.8 else 0)
    col = np.minimum(across.astype(int), cols - 1)
    face = tones[np.minimum(row, rows), col].astype(np.float32)
    joint = ((y / h) % 1 < 0.09) | (across % 1 < 0.09 * h / w)
    face[joint] = colour(rng, STONE)
    return shade(face, noise(rng, size, size / 20) * rng.uniform(0.03, 0.2))


def folds(rng, size, *palettes):
    """A curtain, or many books, or bars: upright bands of light."""
    base = colour(rng, *(palettes or ((SKIN, HAIR, WOOD) if rng.random() < 0.5 else ())))
    x = np.linspace(0, 1, size, dtype=np.float32)
    wave = sum(np.sin(x * f * 6.28 + rng.uniform(0, 6.28)) for f in rng.uniform(3, 22, 3)) * rng.uniform(0.05, 0.2)
    light = wave[None] + noise(rng, size, size / 5, 5) * 0.1
    if rng.random() < 0.3:  # books: each band its own colour
        edges = np.sort(rng.integers(0, size, int(rng.uniform(8, 30))))
        colours = np.stack([colour(rng) if rng.random() < 0.6 else base for _ in range(len(edges) + 1)])
        base = colours[np.searchsorted(edges, np.arange(size))][None].repeat(size, 0)
    return shade(base, light)


def leaves(rng, size, *palettes):
    """Foliage, curls or gravel: noise of several colours laid over one another, some with hard edges."""
    out = np.empty((size, size, 3), np.float32)
    out[:] = colour(rng, *palettes)
    for _ in range(int(rng.integers(3, 7))):
        mask = noise(rng, size, size / rng.uniform(6, 50), rng.uniform(0.5, 2)) > rng.uniform(-0.1, 0.6)
        tone = colour(rng, *palettes) if palettes and rng.random() < 0.7 else colour(rng)
        out[mask] = 0.3 * out[mask] + 0.7 * tone
    return cv2.blur(np.clip(out, 0, 255).astype(np.uint8), (3, 3))


def lights(rng, size, *palettes):
    """Discs of light out of focus on a dark ground, some with a brighter rim, as a lens draws them."""
    out = np.empty((size, size, 3), np.float32)
    out[:] = colour(rng) * rng.uniform(0.03, 0.5)
    out *= 1 + noise(rng, size, size / 2)[..., None] * 0.4
    most = rng.uniform(0.02, 0.12)
    for _ in range(int(rng.integers(4, 40))):
        glow = np.zeros((size, size), np.uint8)
        centre, radius = tuple(int(v) for v in rng.integers(0, size, 2)), max(2, int(size * most * rng.uniform(0.3, 1)))
        cv2.circle(glow, centre, radius, int(rng.uniform(120, 255)), -1, cv2.LINE_AA)
        if rng.random() < 0.4:
            cv2.circle(glow, centre, radius, 255, max(1, radius // 8), cv2.LINE_AA)
        out += cv2.blur(glow, (5, 5))[..., None] / 255.0 * (colour(rng) * rng.uniform(0.2, 1.1))
    return np.clip(out, 0, 255).astype(np.uint8)


def curtain(rng, size, *palettes):
    """Pleated cloth, light or nearly black: uneven folds with deep shadow between them."""
    base = colour(rng, *(palettes or ((SKIN, HAIR) if rng.random() < 0.5 else ()))) * (rng.uniform(0.15, 0.6) if rng.random() < 0.5 else 1)
    x = np.linspace(0, 1, size, dtype=np.float32)
    warp = x + rng.uniform(0, 0.03) * np.sin(x * rng.uniform(5, 25) + rng.uniform(0, 6.28))
    pleats = rng.uniform(4, 24)
    fold = np.abs(np.sin(warp * pleats * np.pi + rng.uniform(0, 3.14))) ** rng.uniform(0.4, 2)
    light = (fold - 0.5)[None] * rng.uniform(0.3, 1.3) + noise(rng, size, size / 4, 6) * rng.uniform(0.03, 0.2)
    return shade(base, np.maximum(light, -0.95))


def foliage(rng, size, *palettes):
    """Leaves, blades or fronds, one over another, dark between them."""
    tint = colour(rng, ((40, 110, 60), (35, 80, 45), (60, 140, 120), (30, 60, 40), (50, 90, 150), (70, 150, 90)))
    out = np.empty((size, size, 3), np.uint8)
    out[:] = np.clip(tint * rng.uniform(0.05, 0.5), 0, 255)
    length, slim = size * rng.uniform(0.02, 0.12), rng.uniform(0.08, 0.5)
    lean, spread = rng.uniform(0, 180), rng.uniform(10, 90)
    for i in range(int(min(900, 3.5 * (size / length) ** 2 / (4 * slim)))):
        depth = 0.3 + 0.7 * i / 900 + rng.uniform(0, 0.6)
        shade_of = np.clip(tint * depth * rng.uniform(0.5, 1.3) + rng.normal(0, 6, 3), 0, 255)
        at = tuple(int(v) for v in rng.integers(0, size, 2))
        r = length * rng.uniform(0.5, 1.2)
        cv2.ellipse(out, at, (max(1, int(r)), max(1, int(r * slim))), lean + rng.normal(0, spread), 0, 360, tuple(float(v) for v in shade_of), -1, cv2.LINE_AA)
    return shade(out.astype(np.float32), noise(rng, size, size / 2) * rng.uniform(0.1, 0.5))


def facade(rng, size, *palettes):
    """The front of a house or shelves: a grid of panes with frames, dark or lit."""
    out = plaster(rng, size, *(palettes or (STONE, WOOD))).astype(np.float32)
    cols, rows = int(rng.integers(2, 8)), int(rng.integers(2, 8))
    w, h = size / cols, size / rows
    inner_w, inner_h = w * rng.uniform(0.35, 0.85), h * rng.uniform(0.35, 0.85)
    pane, frame = colour(rng) * rng.uniform(0.1, 1), tuple(float(v) for v in colour(rng, WOOD, STONE))
    shift = rng.uniform(-w, 0), rng.uniform(-h, 0)
    for j in range(rows + 1):
        for i in range(cols + 1):
            x, y = shift[0] + i * w + (w - inner_w) / 2, shift[1] + j * h + (h - inner_h) / 2
            tone = tuple(float(v) for v in np.clip(pane * rng.uniform(0.5, 1.5), 0, 255))
            a, b = (int(x), int(y)), (int(x + inner_w), int(y + inner_h))
            cv2.rectangle(out, a, b, tone, -1)
            cv2.rectangle(out, a, b, frame, max(1, int(size * 0.008)))
    turned = cv2.warpAffine(out, cv2.getRotationMatrix2D((size / 2, size / 2), float(rng.normal(0, 5)), 1.1), (size, size), borderMode=cv2.BORDER_REFLECT)
    return shade(turned, noise(rng, size, size / 3) * rng.uniform(0.05, 0.3))


def blocks(rng, size, *palettes):
    """Furniture, windows, posters: boxes of colour with edges and a little texture."""
    out = plaster(rng, size, *palettes)
    for _ in range(int(rng.integers(3, 14))):
        x, y = rng.integers(-size // 8, size, 2)
        w, h = (rng.uniform(0.03, 0.6, 2) * size).astype(int)
        tone = tuple(float(v) for v in (colour(rng, SKIN, WOOD, HAIR) if rng.random() < 0.5 else colour(rng)))
        cv2.rectangle(out, (int(x), int(y)), (int(x + w), int(y + h)), tone, -1 if rng.random() < 0.7 else int(rng.integers(2, 9)))
    return shade(out.astype(np.float32), noise(rng, size, size / 8) * 0.12)


SURFACES = (plaster, wood, wood, stones, stones, bricks, folds, curtain, curtain, leaves, foliage, foliage, lights, lights, blocks, facade)


def surface(rng, size, *palettes):
    """Any of them."""
    return SURFACES[rng.integers(len(SURFACES))](rng, size, *palettes)
