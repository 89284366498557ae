"""Training patches cut from sets written by `adatom label`: resized, cropped, thinned, turned."""

import json
from pathlib import Path

import numpy as np
import tifffile
import torch
import torch.nn.functional as F

from patches import local_contrast, turned


class LabeledSets:
    """Random crops of the images of sets; only exposures of the split "train" where a set is split."""

    def __init__(self, folders, size: int, batch: int, seed):
        self.size, self.batch = size, batch
        self.random = np.random.default_rng(seed)
        self.pairs = []
        for folder in map(Path, folders):
            described = json.loads((folder / "dataset.json").read_text())
            for group in described["sets"]:
                if group.get("split", "train") != "train":
                    continue
                for exposure in group["exposures"]:
                    image = tifffile.imread(folder / exposure["image"]).astype(np.float32)
                    target = tifffile.imread(folder / exposure["target"]["file"]).astype(np.float32)
                    if min(image.shape) < size:
                        raise ValueError(f"{exposure['image']} is smaller than a patch of {size} px")
                    self.pairs.append((image, target, exposure["target"]["meanSpacing"]))
        if not self.pairs:
            raise ValueError("no exposure to train on in " + ", ".join(map(str, folders)))

    def next(self):
        rows = [self._crop(*self.pairs[self.random.integers(len(self.pairs))]) for _ in range(self.batch)]
        images, targets, weights, spacings = zip(*rows)
        kinds = np.zeros(self.batch, int)
        return np.stack(images), np.stack(targets), np.stack(weights), kinds, np.float32(spacings)

    def _crop(self, image, target, spacing):
        """A square of about 1 / 1.5 to 1.5 times the patch, scaled to it; counts thinned by up to ten."""
        least = self.size / 1.5
        side = int(least * (min(1.5 * self.size, *image.shape) / least) ** self.random.random())
        top = self.random.integers(image.shape[0] - side + 1)
        left = self.random.integers(image.shape[1] - side + 1)
        cut = (slice(top, top + side), slice(left, left + side))
        pixels = image[cut]
        if self.random.random() < 0.5 and pixels.min() >= 0 and pixels.max() > 0:
            # noise of a tenth to the full contrast, where the gain is not known
            pixels = pixels + self.random.random() * pixels.std() * self.random.standard_normal(pixels.shape)
        parts = [self._scaled(part) for part in (pixels, target[cut])]
        parts = turned([local_contrast(parts[0]), np.clip(parts[1], 0, 1)], self.random)
        return parts[0], parts[1], np.ones_like(parts[1]), spacing * self.size / side

    def _scaled(self, part):
        tensor = torch.from_numpy(np.ascontiguousarray(part, np.float32))[None, None]
        size = (self.size, self.size)
        return F.interpolate(tensor, size, mode="bicubic", antialias=True)[0, 0].numpy()

    def close(self) -> None:
        pass
