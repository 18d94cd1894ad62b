"""Measures of mattes, boxes, points and yes-or-no answers; no data of ours is needed. Mattes are float32 [S, S], 0..1."""

import cv2
import numpy as np


def iou(a, b):
    """Intersection over union of two boolean masks."""
    union = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / union if union else 1.0


def band(mask, share=0.02):
    """The part of a mask within share of the diagonal from its edge (the frame counts as no edge)."""
    d = max(1, round(share * np.hypot(*mask.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * d + 1, 2 * d + 1))
    return mask & (cv2.erode(mask.astype(np.uint8), kernel, borderValue=1) == 0)


def gradient(matte):
    """Length of the gradient by first derivatives of a Gaussian, sigma 1.4."""
    smooth = cv2.GaussianBlur(matte, (0, 0), 1.4)
    return np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8))


def connected(matte, truth, step=0.1):
    """Connectivity error (Rhemann 2009): how far pixels are cut off from what both mattes agree is the person."""
    level = np.full(matte.shape, -1.0, np.float32)
    for k in range(1, round(1 / step) + 1):
        both = ((matte >= k * step) & (truth >= k * step)).astype(np.uint8)
        n, label, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        largest = label == (1 + stats[1:, cv2.CC_STAT_AREA].argmax()) if n > 1 else np.zeros(matte.shape, bool)
        level[(level < 0) & ~largest] = (k - 1) * step
    level[level < 0] = 1
    off = lambda m: 1 - np.where(m - level >= 0.15, m - level, 0)
    return np.abs(off(matte) - off(truth)).sum()


def matte(found, truth):
    """What is said of a matte: iou, biou (boundary, 2 % of the diagonal), sad and conn in thousands, mse in thousandths, grad as
    it is. Lower is better but for the two IoU. mae is the mean |difference|, sad without the size of the picture."""
    a, b = found > 0.5, truth > 0.5
    return {
        "iou": iou(a, b),
        "biou": iou(band(a), band(b)),
        "sad": float(np.abs(found - truth).sum()) / 1e3,
        "mae": float(np.abs(found - truth).mean()),
        "mse": float(np.square(found - truth).mean()) * 1e3,
        "grad": float(np.square(gradient(found) - gradient(truth)).sum()),
        "conn": float(connected(found, truth)) / 1e3,
    }


def _area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def _common(a, b):
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def box_iou(a, b):
    """Intersection over union of two boxes x0, y0, x1, y1."""
    common = _common(a, b)
    return float(common / (_area(a) + _area(b) - common)) if common else 0.0


def box_inside(a, b):
    """How much of the smaller box lies in the other, 0 to 1."""
    common = _common(a, b)
    return float(common / min(_area(a), _area(b))) if common else 0.0


def apart(found, truth, unit):
    """Distances of points [p, 2] from the truth [p, 2], in parts of unit (the pupil distance): float [p]."""
    return np.hypot(*(np.asarray(found, np.float64) - truth).T) / unit


def mistakes(scores, labels, threshold):
    """(false accepts, of how many noes, false rejects, of how many yeses). A score at the threshold is a yes."""
    scores, labels = np.asarray(scores, np.float64), np.asarray(labels, bool)
    yes = scores >= threshold
    return int((yes & ~labels).sum()), int((~labels).sum()), int((~yes & labels).sum()), int(labels.sum())
