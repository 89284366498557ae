"""The network as it is exported: the same answers with fewer multiplications and less memory.

A 3 x 3 convolution of an image doubled by repeating its pixels is four convolutions of 2 x 2 of the image
itself, one for each place in a doubled pixel. So the decoder's first convolution is divided: over the skip
link as it is, over the coarse level before it is doubled; neither the doubled level nor the two levels
side by side are ever in memory. Confidence is a number from 0 to 1.
"""

import torch
import torch.nn.functional as F
from torch import nn

from network import AtomID

PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))  # row and column in a doubled pixel


class PlaceConvolution(torch.autograd.Function):
    """2 x 2 convolution for one place: it reaches one pixel up or down, and left or right (ONNX pads unevenly)."""

    @staticmethod
    def forward(_, image, weight, row, column):
        return F.conv2d(F.pad(image, (1 - column, column, 1 - row, row)), weight)

    @staticmethod
    def symbolic(graph, image, weight, row, column):
        pads = [1 - row, 1 - column, row, column]
        return graph.op("Conv", image, weight, kernel_shape_i=[2, 2], pads_i=pads)


class Doubled(torch.autograd.Function):
    """Four images, one for each place, to one of twice the width and height: (n, 4 c, h, w) to (n, c, 2 h, 2 w)."""

    @staticmethod
    def forward(_, images):
        n, channels, height, width = images.shape
        places = images.view(n, 2, 2, channels // 4, height, width)
        return places.permute(0, 3, 4, 1, 5, 2).reshape(n, channels // 4, 2 * height, 2 * width)

    @staticmethod
    def symbolic(graph, images):
        return graph.op("DepthToSpace", images, blocksize_i=2, mode_s="DCR")


def folded(weight, axis: int, place: int):
    """A kernel's three rows (or columns) as the two that fall on different pixels before doubling."""
    first, middle, last = weight.unbind(axis)
    return torch.stack((first, middle + last) if place == 0 else (first + middle, last), axis)


class Joined(nn.Module):
    """The decoder's first convolution of the coarse level, doubled, beside a skip link."""

    def __init__(self, convolution: nn.Conv2d):
        super().__init__()
        weight = convolution.weight.detach()
        coarse, skip = weight.chunk(2, 1)
        self.skip = nn.Conv2d(skip.shape[1], skip.shape[0], 3, padding=1)
        self.skip.weight.data = skip.clone()
        self.skip.bias.data = convolution.bias.detach().clone()
        self.coarse = nn.ParameterList(folded(folded(coarse, 2, row), 3, column) for row, column in PLACES)

    def forward(self, coarse, skip):
        parts = [PlaceConvolution.apply(coarse, w, row, column) for w, (row, column) in zip(self.coarse, PLACES)]
        return F.relu(self.skip(skip) + Doubled.apply(torch.cat(parts, 1)))


class Deployed(nn.Module):
    """What `model.onnx` holds."""

    def __init__(self, network: AtomID):
        super().__init__()
        self.network = network
        self.joined = nn.ModuleList(Joined(up[0][0]) for up in network.up)

    def forward(self, image):
        logits, log_spacing = self.network.answer(image, lambda depth, coarse, skip: self.joined[depth](coarse, skip))
        return torch.sigmoid(logits), log_spacing
