"""Things worn, held and raised that the cut-out people lack: hats, hands and arms, scarves; and the objects behind them.

The cut people keep their arms down and their heads bare, so a net that saw only them drops both. What is drawn here is
crude, but it has the right colour at the right place, and its alpha is known.
"""

import cv2
import numpy as np

import textures


def cloth(rng, size, like=None):
    """A texture to wear, uint8 [size, size, 3]: plain, knitted, striped or printed; like: a BGR colour to stay near."""
    if size > 160:  # as fine as a picture shows it, at a fifth of the cost
        return cv2.resize(cloth(rng, 160, like), (size, size), interpolation=cv2.INTER_LINEAR)
    base = np.float32(like) if like is not None else textures.colour(rng)
    kind = rng.random()
    if kind < 0.45:
        return textures.shade(base, textures.noise(rng, size, size / 3) * rng.uniform(0.08, 0.35))
    if kind < 0.75:
        y, x = np.mgrid[0:size, 0:size].astype(np.float32)
        angle = rng.uniform(0, 3.14)
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 6.28 / rng.uniform(4, size / 4))
        other = textures.colour(rng)
        mixed = np.where((wave > rng.uniform(-0.8, 0.8))[..., None], base, other)
        return textures.shade(mixed, textures.noise(rng, size, size / 3) * 0.2)
    return textures.leaves(rng, size)


def paint(picture, alpha, mask, texture, soft=1.5):
    """Lays texture [S, S, 3] over picture float32 [S, S, 3] where mask uint8 [S, S] is 255; alpha float32 [S, S] grows."""
    m = cv2.GaussianBlur(mask, (0, 0), soft).astype(np.float32) / 255
    picture *= 1 - m[..., None]
    picture += texture * m[..., None]
    np.maximum(alpha, m, out=alpha)


def round_light(mask, rng, depth=0.35):
    """Light that falls off towards the rim of a mask, as on a round thing: float32 factors [S, S]."""
    inner = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    top = max(float(inner.max()), 1.0)
    return 1 - depth + depth * np.sqrt(np.clip(inner / top, 0, 1)) + rng.uniform(-0.1, 0.1)


def hat(rng, picture, alpha, face):
    """A cap, hat, band or hood over the head. face: 5 x 2 points (eyes, nose, mouth corners) in pixels of the picture."""
    size = picture.shape[0]
    eyes = face[:2].mean(0)
    across = face[1] - face[0]
    gap = max(float(np.hypot(*across)), 4.0)
    angle = np.degrees(np.arctan2(across[1], across[0]))
    up = np.float32([across[1], -across[0]]) / gap
    if up[1] > 0:
        up, angle = -up, angle + 180
    mask = np.zeros((size, size), np.uint8)
    point = lambda h: tuple(int(round(v)) for v in eyes + up * gap * h)
    axes = lambda w, h: (max(1, int(gap * w)), max(1, int(gap * h)))
    kind = rng.random()
    brow = rng.uniform(0.75, 1.15)  # where it sits above the eyes, in eye distances
    wide = rng.uniform(1.25, 1.6)
    tall = rng.uniform(0.9, 1.7)
    if kind < 0.75:  # a dome: the upper half of an ellipse
        cv2.ellipse(mask, point(brow), axes(wide, tall), angle, 180, 360, 255, -1, cv2.LINE_AA)
        if rng.random() < 0.5:
            cv2.ellipse(mask, point(brow), axes(wide, rng.uniform(0.15, 0.4)), angle, 0, 360, 255, -1, cv2.LINE_AA)
        brim = rng.random()
        if brim < 0.35:  # a brim
            cv2.ellipse(mask, point(brow - 0.05), axes(wide * rng.uniform(1.3, 2.1), rng.uniform(0.15, 0.45)), angle + rng.normal(0, 5), 0, 360, 255, -1, cv2.LINE_AA)
        elif brim < 0.6:  # a peak
            cv2.ellipse(mask, point(brow - 0.1), axes(wide * 0.9, rng.uniform(0.2, 0.4)), angle, 0, 360, 255, -1, cv2.LINE_AA)
    else:  # a turban or woollen hat: wider than the head
        cv2.ellipse(mask, point(brow + 0.5), axes(wide * 1.15, tall), angle, 0, 360, 255, -1, cv2.LINE_AA)
        cv2.ellipse(mask, point(brow - 0.9), axes(wide * 0.95, 1.1), angle, 0, 360, 0, -1, cv2.LINE_AA)
    if not mask.any():
        return
    texture = cloth(rng, size) if rng.random() < 0.8 else cloth(rng, size, textures.colour(rng, textures.SKIN, textures.HAIR))
    paint(picture, alpha, mask, texture * round_light(mask, rng)[..., None], rng.uniform(0.6, 1.8))


def arm(rng, picture, alpha, face, skin):
    """A forearm and hand from below or the side, towards the chin, cheek, hair or collar. skin: BGR float32."""
    size = picture.shape[0]
    gap = max(float(np.hypot(*(face[1] - face[0]))), 6.0)
    side = rng.choice((-1, 1))
    mouth = face[3:].mean(0)
    targets = ((1.1 * side, 0.4), (1.5 * side, -0.8), (0.4 * side, 1.1), (1.3 * side, 2.2), (1.7 * side, -2.2))
    tx, ty = targets[rng.integers(len(targets))]
    hand = mouth + np.float32([tx, ty]) * gap + rng.normal(0, 0.25 * gap, 2)
    elbow = np.float32([mouth[0] + side * gap * rng.uniform(1.5, 4.5), max(size * rng.uniform(0.9, 1.2), hand[1] + gap)])
    whole = np.zeros((size, size), np.uint8)
    thick = gap * rng.uniform(0.45, 0.75)
    steps = 14
    for i in range(steps + 1):
        t = i / steps
        c = elbow * (1 - t) + hand * t
        cv2.circle(whole, (int(c[0]), int(c[1])), max(2, int(thick * (1.15 - 0.45 * t))), 255, -1, cv2.LINE_AA)
    along = (hand - elbow) / max(float(np.hypot(*(hand - elbow))), 1.0)
    palm = hand + along * thick * 0.6
    angle = float(np.degrees(np.arctan2(along[1], along[0]))) + rng.normal(0, 20)
    cv2.ellipse(whole, (int(palm[0]), int(palm[1])), (int(thick * 1.25), int(thick * 0.85)), angle, 0, 360, 255, -1, cv2.LINE_AA)
    spread = rng.uniform(5, 17)
    for k in range(4):
        a = np.radians(angle + (k - 1.5) * spread)
        tip = palm + np.float32([np.cos(a), np.sin(a)]) * thick * rng.uniform(1.7, 2.6)
        cv2.line(whole, (int(palm[0]), int(palm[1])), (int(tip[0]), int(tip[1])), 255, max(2, int(thick * 0.36)), cv2.LINE_AA)
    light = round_light(whole, rng, 0.45)[..., None]
    grain = 1 + textures.noise(rng, size, max(gap, 4))[..., None] * 0.06
    paint(picture, alpha, whole, np.clip(skin * light * grain, 0, 255), rng.uniform(0.6, 1.5))
    if rng.random() < 0.6:  # a sleeve up to somewhere on the forearm
        cuff = rng.uniform(0.35, 0.85)
        sleeve = np.zeros_like(whole)
        for i in range(steps + 1):
            c = elbow * (1 - i / steps * cuff) + hand * (i / steps * cuff)
            cv2.circle(sleeve, (int(c[0]), int(c[1])), max(2, int(thick * 1.25)), 255, -1, cv2.LINE_AA)
        paint(picture, alpha, sleeve, cloth(rng, size) * round_light(sleeve, rng)[..., None], 1.2)


def scarf(rng, picture, alpha, face):
    """A scarf, collar, veil or bag strap below the chin: cloth across the shoulders."""
    size = picture.shape[0]
    gap = max(float(np.hypot(*(face[1] - face[0]))), 6.0)
    chin = face[3:].mean(0) + np.float32([0, gap * rng.uniform(0.9, 1.4)])
    mask = np.zeros((size, size), np.uint8)
    if rng.random() < 0.7:
        cv2.ellipse(mask, (int(chin[0]), int(chin[1])), (int(gap * rng.uniform(1.1, 1.9)), int(gap * rng.uniform(0.4, 0.8))), rng.normal(0, 8), 0, 360, 255, -1, cv2.LINE_AA)
    a = (int(chin[0] + gap * rng.uniform(-2.2, 2.2)), int(chin[1] - gap * rng.uniform(-0.2, 0.3)))
    b = (int(chin[0] + gap * rng.uniform(-2.5, 2.5)), size + 9)
    cv2.line(mask, a, b, 255, max(3, int(gap * rng.uniform(0.2, 1.0))), cv2.LINE_AA)
    mask[: max(0, int(chin[1] - gap * 0.5))] = 0
    paint(picture, alpha, mask, cloth(rng, size) * round_light(mask, rng)[..., None], 1.2)


def behind(rng, scene, head, gap):
    """Draws objects onto the scene float32 [S, S, 3], some touching the head: lamps, frames, poles, chairs, balls.
    head: centre x, y in pixels; gap: the eye distance there."""
    size = scene.shape[0]
    for _ in range(int(rng.integers(1, 4))):
        mask = np.zeros((size, size), np.uint8)
        a = rng.uniform(0, 6.28)
        reach = rng.uniform(1.2, 3.5) * gap
        x, y = (int(v) for v in head + np.float32([np.cos(a), np.sin(a)]) * reach)
        r = max(3, int(gap * rng.uniform(0.3, 1.6)))
        kind = rng.random()
        if kind < 0.3:
            cv2.ellipse(mask, (x, y), (r, max(2, int(r * rng.uniform(0.5, 1.2)))), rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
        elif kind < 0.55:
            cv2.rectangle(mask, (x - r, y - int(r * rng.uniform(0.3, 2))), (x + r, y + int(r * rng.uniform(0.3, 3))), 255, -1 if rng.random() < 0.7 else max(2, r // 4))
        elif kind < 0.75:  # a pole or shelf
            d = np.float32([0, 1]) if rng.random() < 0.7 else np.float32([1, rng.normal(0, 0.2)])
            p, q = np.float32([x, y]) - d * size, np.float32([x, y]) + d * size * rng.uniform(0, 1)
            cv2.line(mask, (int(p[0]), int(p[1])), (int(q[0]), int(q[1])), 255, max(2, int(gap * rng.uniform(0.1, 0.7))), cv2.LINE_AA)
        elif kind < 0.9:  # the back of a chair
            cv2.ellipse(mask, (int(head[0] + gap * rng.normal(0, 1)), int(head[1] + gap * rng.uniform(2, 4))), (int(gap * rng.uniform(2.5, 5)), int(gap * rng.uniform(1.5, 3.5))), 0, 0, 360, 255, -1, cv2.LINE_AA)
        else:  # leaves or twigs
            for _ in range(12):
                p = (int(x + rng.normal(0, r)), int(y + rng.normal(0, r)))
                cv2.ellipse(mask, p, (max(2, r // 3), max(1, r // 9)), rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
        if rng.random() < 0.5:
            texture = cv2.resize(textures.plaster(rng, 128, textures.SKIN, textures.HAIR, textures.WOOD), (size, size))
        else:
            texture = cloth(rng, size)
        texture = texture * round_light(mask, rng, rng.uniform(0, 0.5))[..., None]
        m = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.5, 3)).astype(np.float32)[..., None] / 255
        scene *= 1 - m
        scene += texture * m
