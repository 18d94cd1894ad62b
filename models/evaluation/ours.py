"""Runs a net of ours, whichever of its two forms it has: planes of float32 as it was trained, or uint8 as it is shipped."""

import numpy as np


def picture(x, kind):
    """float32 [n, 3, h, w], RGB, 0..1, rounded to 255 steps if need be -> what a net takes whose input is of that kind, "tensor(float)" or
    "tensor(uint8)": x itself, or uint8 [n, h, w, 3]."""
    return x if kind == "tensor(float)" else np.ascontiguousarray(np.rint(x * 255).astype(np.uint8).transpose(0, 2, 3, 1))


def run(session, x, outputs=None):
    """The outputs of a session for float32 [1, 3, h, w] as above, all of them if none are named."""
    (one,) = session.get_inputs()
    return session.run(outputs, {one.name: picture(x, one.type)})
