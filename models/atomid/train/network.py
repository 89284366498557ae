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
        levels = [self.first(F.pixel_unshuffle(image, 2))]
        for down in self.down:
            levels.append(down(F.max_pool2d(levels[-1], 2)))
        deep = levels.pop()
        answers = [deep]
        for depth, narrow, up in zip((2, 4, 8), reversed(self.narrow), reversed(self.up)):
            wide = F.interpolate(narrow(deep), scale_factor=2.0, mode="nearest")
            deep = up(torch.cat([wide, levels.pop()], 1))
            answers.append(F.avg_pool2d(deep, depth))
        log_spacing = self.spacing(torch.cat(answers, 1))
        return F.pixel_shuffle(self.last(deep), 2), log_spacing


class Inference(nn.Module):
    """The network as it is exported: confidence as a number from 0 to 1."""

    def __init__(self, network: AtomID):
        super().__init__()
        self.network = network

    def forward(self, image):
        logits, log_spacing = self.network(image)
        return torch.sigmoid(logits), log_spacing
