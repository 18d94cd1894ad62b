"""The loss of the matte, written so that it fuses into few passes over memory.

e = sigmoid(z) - alpha is in every term, so its derivative is written down instead of traced: a traced loss costs 40 % of a
training step on a CPU.
"""

import torch
from torch.nn import functional as F


def _sides(e):
    """Sum of |differences| to the right and below, and its derivative by e. e [n, 1, h, w]."""
    dx = e[..., 1:] - e[..., :-1]
    dy = e[..., 1:, :] - e[..., :-1, :]
    sx, sy = torch.sign(dx), torch.sign(dy)
    grad = F.pad(sx, (1, 0)) - F.pad(sx, (0, 1)) + F.pad(sy, (0, 0, 1, 0)) - F.pad(sy, (0, 0, 0, 1))
    return dx.abs().sum() + dy.abs().sum(), grad


def value_and_slope(z, picture_alpha, weight):
    """Loss and its derivative by the logits.

    z float [n, 1, h, w]; picture_alpha, weight uint8 [n, 1, h, w] (weights 0, 1 or 4). The loss is the mean over judged
    pixels of |e| + .5 cross entropy, both weighted, + |gradient of e| + .5 of it at a half and a quarter of the size.
    """
    z = z.float()
    a = picture_alpha.float() / 255
    w = weight.float()
    p = torch.sigmoid(z)
    judged = (w > 0).float()
    e = (p - a) * judged
    n = w.sum() + 1
    entropy = F.softplus(z) - a * z
    value = (w * (e.abs() + 0.5 * entropy)).sum() / n
    side, slope = _sides(e)
    per = judged.sum() + 1
    value = value + side / per
    slope = slope / per
    for scale in (2, 4):
        small = F.avg_pool2d(e, scale)
        side, grad = _sides(small)
        value = value + 0.5 * side * (scale * scale) / per
        slope = slope + F.interpolate(grad, scale_factor=scale, mode="nearest") * (0.5 / per)
    dz = (slope * judged + w * torch.sign(e) / n) * (p * (1 - p)) + 0.5 * w * (p - a) / n
    return value, dz


class MatteLoss(torch.autograd.Function):
    """apply(z, alpha, weight, rule) -> scalar; rule is value_and_slope, perhaps compiled."""

    @staticmethod
    def forward(ctx, z, alpha, weight, rule):
        value, slope = rule(z.detach(), alpha, weight)
        ctx.save_for_backward(slope.to(z.dtype))
        return value

    @staticmethod
    def backward(ctx, grad):
        (slope,) = ctx.saved_tensors
        return slope * grad.to(slope.dtype), None, None, None


def coarse_loss(z, alpha, weight):
    """Cross entropy of the auxiliary map z [n, 1, h/16, w/16] with the shrunken alpha, where pixels are judged."""
    k = alpha.shape[-1] // z.shape[-1]
    judged = (weight > 0).float()
    share = F.avg_pool2d(judged, k)
    target = F.avg_pool2d(alpha.float() / 255 * judged, k) / (share + 1e-3)
    loss = F.binary_cross_entropy_with_logits(z.float(), target.clamp(0, 1), reduction="none")
    return (loss * share).sum() / (share.sum() + 1)
