"""The face points we predict, by name, and where the teacher's mesh of 478 has them.

They are those the compliance checks need: irises for gaze and red eyes, lids and inner lips for openness, brows, nose, jaw with
the ear roots (234, 454), chin (152) and the top of the forehead (10, below the hairline and not the crown). "left" is the side
of the picture, not of the person.
"""

# name, mesh index on the left of the picture, its mirror image (None: on the middle line)
_TABLE = (
    ("iris", 468, 473), ("iris.outer", 471, 474), ("iris.top", 470, 475), ("iris.inner", 469, 476), ("iris.bottom", 472, 477),
    ("eye.outer", 33, 263), ("lid.upper.1", 246, 466), ("lid.upper.2", 161, 388), ("lid.upper.3", 160, 387),
    ("lid.upper.4", 159, 386), ("lid.upper.5", 158, 385), ("lid.upper.6", 157, 384), ("lid.upper.7", 173, 398),
    ("eye.inner", 133, 362), ("lid.lower.1", 7, 249), ("lid.lower.2", 163, 390), ("lid.lower.3", 144, 373),
    ("lid.lower.4", 145, 374), ("lid.lower.5", 153, 380), ("lid.lower.6", 154, 381), ("lid.lower.7", 155, 382),
    ("brow.1", 70, 300), ("brow.2", 63, 293), ("brow.3", 105, 334), ("brow.4", 66, 296), ("brow.5", 107, 336),
    ("nose.bridge", 168, None), ("nose.tip", 1, None), ("nose.base", 2, None), ("nose.wing", 98, 327),
    ("mouth.corner", 61, 291), ("lip.outer.upper.1", 39, 269), ("lip.outer.upper.2", 37, 267), ("lip.outer.upper", 0, None),
    ("lip.outer.lower.1", 181, 405), ("lip.outer.lower.2", 84, 314), ("lip.outer.lower", 17, None),
    ("mouth.inner.corner", 78, 308), ("lip.inner.upper.1", 82, 312), ("lip.inner.upper", 13, None),
    ("lip.inner.lower.1", 87, 317), ("lip.inner.lower", 14, None),
    ("jaw.1", 234, 454), ("jaw.2", 93, 323), ("jaw.3", 132, 361), ("jaw.4", 58, 288), ("jaw.5", 172, 397), ("jaw.6", 136, 365),
    ("jaw.7", 150, 379), ("jaw.8", 149, 378), ("jaw.9", 176, 400), ("jaw.10", 148, 377), ("chin", 152, None),
    ("temple", 127, 356), ("forehead.1", 54, 284), ("forehead.2", 67, 297), ("forehead", 10, None),
)

NAMES, MESH, MIRROR = [], [], []
for _name, _left, _right in _TABLE:
    if _right is None:
        MIRROR.append(len(NAMES))
        NAMES.append(_name)
        MESH.append(_left)
    else:
        MIRROR += [len(NAMES) + 1, len(NAMES)]
        NAMES += [f"left.{_name}", f"right.{_name}"]
        MESH += [_left, _right]


def at(name):
    """Index of a named point."""
    return NAMES.index(name)
