"""The published architecture of AtomID with random weights, for its time: what it finds means nothing.

python published_atomid.py export MODEL.onnx
    writes it as ONNX, dynamic in height and width, and prints one line of JSON about it.
U-Net of 32 features doubling over 4 levels, each level two 3x3 convolutions with batch norm and ReLU, the
bottleneck another level; the main branch gives the confidence map, a branch on the bottleneck (global
average and three dense layers) the spacing, here added to the map times zero, so that it is computed.
Sizes must be multiples of 16.
"""

import json
import sys

import torch
from torch import nn

FEATURES = (32, 64, 128, 256)


def block(channels, features):
    layers = []
    for before in (channels, features):
        layers += [
            nn.Conv2d(before, features, 3, padding=1, bias=False),
            nn.BatchNorm2d(features),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


class PublishedAtomId(nn.Module):
    def __init__(self):
        super().__init__()
        deepest = 2 * FEATURES[-1]
        before = (1,) + FEATURES[:-1]
        self.down = nn.ModuleList(block(a, b) for a, b in zip(before, FEATURES))
        self.pool = nn.MaxPool2d(2)
        self.bottleneck = block(FEATURES[-1], deepest)
        self.grow = nn.ModuleList(nn.ConvTranspose2d(2 * f, f, 2, stride=2) for f in FEATURES[::-1])
        self.up = nn.ModuleList(block(2 * f, f) for f in FEATURES[::-1])
        self.head = nn.Conv2d(FEATURES[0], 1, 1)
        self.spacing = nn.Sequential(
            nn.Linear(deepest, 256), nn.ReLU(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 1)
        )

    def forward(self, image):
        skips = []
        x = image
        for level in self.down:
            x = level(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottleneck(x)
        spacing = self.spacing(x.mean(dim=(2, 3)))
        for grow, level, skip in zip(self.grow, self.up, reversed(skips)):
            x = level(torch.cat([skip, grow(x)], dim=1))
        return torch.sigmoid(self.head(x)) + 0 * spacing[:, :, None, None]


def export(path):
    with torch.no_grad():
        torch.onnx.export(
            model,
            torch.zeros(1, 1, 64, 64),
            path,
            input_names=["input"],
            output_names=["confidence"],
            dynamic_axes={name: {2: "height", 3: "width"} for name in ("input", "confidence")},
            opset_version=17,
            dynamo=False,
        )
    print(json.dumps({"model": path, "weights": sum(p.numel() for p in model.parameters())}))


torch.manual_seed(1)
model = PublishedAtomId().eval()
if sys.argv[1] != "export":
    sys.exit("expected: export MODEL.onnx")
export(sys.argv[2])
