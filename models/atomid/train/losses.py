"""Losses by name: the thesis's (its Eq. 5 to 7) and the one the shipped model was trained with.

Each takes logits, target and weights (n, 1, h, w), the predicted log spacing (n, 1, h / 16, w / 16), the
true spacing (n) in px and where it is defined (n), and returns the loss and its parts.
"""

import torch
import torch.nn.functional as F

# errors of the log spacing beyond this are noise that hides the lattice; they shall not outweigh the rest
BETA = 0.1


def spacing_error(log_spacing, spacing, defined, target):
    """Mean error of the log spacing where columns are: squared below a tenth, linear above."""
    near = F.max_pool2d(target, 48, stride=16, padding=16)[..., : log_spacing.shape[-2], : log_spacing.shape[-1]]
    weight = (near > 0.3).float() * defined.view(-1, 1, 1, 1)
    true = spacing.log().view(-1, 1, 1, 1).expand_as(log_spacing)
    error = F.smooth_l1_loss(log_spacing, true, reduction="none", beta=BETA)
    return (error * weight).sum() / weight.sum().clamp(min=1)


def thesis(logits, target, weights, log_spacing, spacing, defined):
    """(1 / 2N) sum (0.1 |f - Y|^2 + |g - s|^2): squared errors of the map and of the spacing in px."""
    n = logits.shape[0]
    squares = (weights * (torch.sigmoid(logits) - target) ** 2).sum()
    mean = log_spacing.exp().mean((1, 2, 3))
    distance = (defined * (mean - spacing) ** 2).sum()
    loss = (0.1 * squares + distance) / (2 * n)
    return loss, {"map": squares.item() / logits.numel(), "spacing": distance.item() / n}


def shipped(logits, target, weights, log_spacing, spacing, defined):
    """Cross-entropy + 4 times the squared error of the map, per pixel + 0.3 times the error of the log spacing."""
    count = weights.sum().clamp(min=1)
    entropy = (weights * F.binary_cross_entropy_with_logits(logits, target, reduction="none")).sum() / count
    squares = (weights * (torch.sigmoid(logits) - target) ** 2).sum() / count
    distance = spacing_error(log_spacing, spacing, defined, target)
    loss = entropy + 4 * squares + 0.3 * distance
    return loss, {"entropy": entropy.item(), "map": squares.item(), "spacing": distance.item()}


LOSSES = {"shipped": shipped, "thesis": thesis}
