"""How well a network finds the columns of held-out lattices, while it is trained."""

import numpy as np
import torch
from scipy.ndimage import maximum_filter
from scipy.spatial import cKDTree

from patches import Stream

COUNT = 96
THRESHOLD = 0.4


def held_out(size: int, lattices: str, spacing) -> list:
    """Patches that no training sees: another seed, and lattices that are held out where all are trained."""
    params = {
        "count": COUNT,
        "size": size,
        "lattices": "held-out" if lattices == "any" else lattices,
        "spacingMin": spacing[0],
        "spacingMax": spacing[1],
    }
    stream = Stream(987, 0, params, 1)
    images, targets, _, headers = stream.fresh()
    stream.close()
    return [images, targets, headers[:, 1]]


@torch.no_grad()
def validate(network, patches) -> dict:
    """Mean strict F1 against the peaks of the targets, and the relative error of the spacing."""
    images, targets, spacings = patches
    network.eval()
    logits, log_spacing = network(torch.from_numpy(images).unsqueeze(1))
    maps = torch.sigmoid(logits)[:, 0].numpy()
    predicted = log_spacing.exp().mean((1, 2, 3)).numpy()
    network.train()
    scores = [
        strict_f1(peaks(found, 0.3 * s), peaks(true, 0.3 * s, 0.6), 0.35 * s)
        for found, true, s in zip(maps, targets, spacings)
    ]
    return {
        "f1": float(np.nanmean(scores)),
        "spacingError": float(np.median(np.abs(predicted / spacings - 1))),
    }


def peaks(values, radius: float, threshold: float = THRESHOLD):
    size = 2 * max(1, int(radius)) + 1
    return np.argwhere((maximum_filter(values, size) == values) & (values >= threshold))


def strict_f1(found, true, radius: float) -> float:
    """Pairs are mutual nearest neighbors within the radius, which one-to-one pairs nearly always are."""
    if len(true) == 0:
        return np.nan
    if len(found) == 0:
        return 0.0
    distance, to_true = cKDTree(true).query(found)
    _, to_found = cKDTree(found).query(true)
    pairs = np.sum((distance <= radius) & (to_found[to_true] == np.arange(len(found))))
    return 2 * pairs / (len(found) + len(true))
