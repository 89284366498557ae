"""The network: a U-Net that works at half resolution and below.

Pixels are folded 2 x 2 into channels at the input and unfolded at the output, so that no convolution
runs at full resolution; the decoder narrows before it goes up a level, where it is cheap.
"""

import torch
import torch.nn.functional as F
from torch import nn


def convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True))


def block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(convolution(inputs, outputs), convolution(outputs, outputs))


class AtomID(nn.Module):
    """Image (n, 1, h, w), locally normalized, h and w multiples of 16, to two answers:

    confidence (n, 1, h, w): logits in training, 0..1 in use;
    spacing (n, 1, h / 16, w / 16): natural log of the nearest-neighbor spacing in px.
    """

    def __init__(self, features=(24, 40, 64, 96)):
        super().__init__()
        self.features = tuple(features)
        self.first = block(4, features[0])
        self.down = nn.ModuleList(block(a, b) for a, b in zip(features, features[1:]))
        self.narrow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in zip(features, features[1:]))
        self.up = nn.ModuleList(block(2 * a, a) for a in features[:-1])
        self.last = nn.Conv2d(features[0], 4, 1)
        nn.init.constant_(self.last.bias, -2.0)
        # what the fine levels answer tells of the distance of columns even where pooling has merged them
        width = features[-1] + sum(features[:-1])
        self.spacing = nn.Sequential(
            nn.Conv2d(width, features[-1], 1), nn.ReLU(inplace=True), nn.Conv2d(features[-1], 1, 1)
        )
        nn.init.constant_(self.spacing[-1].bias, 2.7)

    def forward(self, image):
        return self.answer(image, self.join)

    def join(self, depth: int, coarse, skip):
        """The decoder's first convolution: the coarse level, doubled, beside the skip link."""
        doubled = F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        return self.up[depth][0](torch.cat([doubled, skip], 1))

    def answer(self, image, join):
        """Both answers; `join(depth, coarse, skip)` begins a level of the decoder."""
        levels = [self.first(F.pixel_unshuffle(image, 2))]
        for down in self.down:
            levels.append(down(F.max_pool2d(levels[-1], 2)))
        deep = levels.pop()
        answers = [deep]
        for depth in reversed(range(len(self.up))):
            deep = self.up[depth][1](join(depth, self.narrow[depth](deep), levels.pop()))
            answers.append(F.avg_pool2d(deep, 2 ** (len(self.up) - depth)))
        log_spacing = self.spacing(torch.cat(answers, 1))
        return F.pixel_shuffle(self.last(deep), 2), log_spacing
