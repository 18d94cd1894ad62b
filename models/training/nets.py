"""The nets. Dense convolutions, batch norm, ReLU, additive skips and nearest upsampling only: what int8 runs fast and keeps
its accuracy in. No layer but the first works above a quarter of the input size: memory traffic there is the cost.

Every net takes float32 [n, 3, h, w], RGB, 0..1, and returns logits.
"""

import torch
from torch import nn
from torch.nn import functional as F

# Channels after the stem, at strides 4, 8, 16, 32 and 64.
MATTES = {"m4_base": (24, 48, 80, 112, 128), "m4_wide": (32, 64, 96, 128, 160)}
BLOCKS = (0, 1, 2, 2, 2)  # residual convolutions at each of those strides


class Conv(nn.Module):
    """3x3 (or kernel x kernel) convolution, batch norm, ReLU."""

    def __init__(self, cin, cout, stride=1, kernel=3):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(cout)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


class Residual(nn.Module):
    """relu(x + norm(conv(x))): the cheapest residual, one convolution deep."""

    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(c)
        nn.init.constant_(self.norm.weight, 0.5)

    def forward(self, x):
        return F.relu(x + self.norm(self.conv(x)))


def stage(cin, cout, blocks):
    """Halves the size, then `blocks` residuals."""
    return nn.Sequential(Conv(cin, cout, 2), *(Residual(cout) for _ in range(blocks)))


class Up(nn.Module):
    """Decoder step: 1x1 of the coarse map, doubled by repetition, plus 1x1 of the skip, ReLU, 3x3."""

    def __init__(self, coarse, skip):
        super().__init__()
        self.coarse = nn.Conv2d(coarse, skip, 1, bias=False)
        self.skip = nn.Conv2d(skip, skip, 1, bias=False)
        self.norm = nn.BatchNorm2d(skip)
        self.skip_norm = nn.BatchNorm2d(skip)
        self.out = Conv(skip, skip)

    def forward(self, coarse, skip):
        up = F.interpolate(self.norm(self.coarse(coarse)), scale_factor=2, mode="nearest")
        return self.out(F.relu(up + self.skip_norm(self.skip(skip))))


class Matte(nn.Module):
    """Alpha of the person in a picture whose sides are multiples of 64.

    forward returns logits [n, 1, h, w]; with aux also a coarse map [n, 1, h/16, w/16] that only training looks at.
    """

    def __init__(self, size="m4_base"):
        super().__init__()
        widths = MATTES[size]
        self.stem = Conv(3, 16, 2)
        before = (16, *widths[:-1])
        self.down = nn.ModuleList(stage(a, b, n) for a, b, n in zip(before, widths, BLOCKS))
        self.up = nn.ModuleList(Up(widths[i + 1], widths[i]) for i in (3, 2, 1, 0))
        self.head = nn.Conv2d(widths[0], 16, 3, 1, 1)
        self.coarse = nn.Conv2d(widths[2], 1, 1)

    def forward(self, x, aux=False):
        skips = []
        x = self.stem(x)
        for down in self.down:
            x = down(x)
            skips.append(x)
        coarse = None
        for i, up in enumerate(self.up):
            x = up(x, skips[3 - i])
            if i == 1 and aux:
                coarse = self.coarse(x)
        alpha = F.pixel_shuffle(self.head(x), 4)  # ONNX: DepthToSpace(4)
        return (alpha, coarse) if aux else alpha


def count(net):
    """Number of parameters."""
    return sum(p.numel() for p in net.parameters())


class Face(nn.Module):
    """Points and properties of a face in a 128 px crop that is aligned as faces.align does it.

    forward returns (points [n, p, 2] in crop widths, 0..1; numbers [n, 5] = yaw, pitch, roll in units of 30 degrees, mouth open
    and smile; logits [n, 6] of: left eye open, right eye open, glasses, dark glasses, headwear, occluded). The last map is
    flattened instead of averaged: where something is, is what is asked.
    """

    WIDTHS = (32, 64, 96, 112)
    BLOCKS = (1, 2, 2, 2)

    def __init__(self, points):
        super().__init__()
        before = (16, *self.WIDTHS[:-1])
        self.points = points
        self.body = nn.Sequential(Conv(3, 16, 2), *(stage(a, b, n) for a, b, n in zip(before, self.WIDTHS, self.BLOCKS)))
        self.out = nn.Linear(self.WIDTHS[-1] * 16, 2 * points + 11)
        nn.init.normal_(self.out.weight, std=0.005)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        y = self.out(self.body(x).flatten(1))
        k = 2 * self.points
        return 0.5 + y[:, :k].reshape(-1, self.points, 2), y[:, k : k + 5], y[:, k + 5 :]


class Detector(nn.Module):
    """Faces in a 320 px picture, anchor-free, at strides 8, 16 and 32.

    forward returns, for the three strides, a map [n, 15, h, w]: the logit of a face whose centre is in the cell; its box as
    offset of the centre from the cell's (2) and log of width and height (2); its five points as offsets (10), all in cells.
    """

    WIDTHS = (24, 48, 64, 96)
    BLOCKS = (0, 1, 1, 1)
    STRIDES = (8, 16, 32)

    def __init__(self):
        super().__init__()
        before = (16, *self.WIDTHS[:-1])
        self.stem = Conv(3, 16, 2)
        self.down = nn.ModuleList(stage(a, b, n) for a, b, n in zip(before, self.WIDTHS, self.BLOCKS))
        self.up = nn.ModuleList((Up(self.WIDTHS[3], self.WIDTHS[2]), Up(self.WIDTHS[2], self.WIDTHS[1])))
        self.head = nn.ModuleList(nn.Conv2d(c, 15, 1) for c in (self.WIDTHS[1], self.WIDTHS[2], self.WIDTHS[3]))
        for head in self.head:
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
            nn.init.constant_(head.bias[:1], -4.6)  # one cell in a hundred

    def forward(self, x):
        skips = []
        x = self.stem(x)
        for down in self.down:
            x = down(x)
            skips.append(x)
        middle = self.up[0](skips[3], skips[2])
        fine = self.up[1](middle, skips[1])
        return [head(m) for head, m in zip(self.head, (fine, middle, skips[3]))]
