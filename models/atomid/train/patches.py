"""Training patches: from the simulator's stream, or from sets written by `adatom label`.

A record of the stream is two float32 (kind, spacing in px), size * size float32 pixels, as many of the
target, and as many bytes of weights.
"""

import json
import os
import subprocess
import threading
from pathlib import Path
from queue import Queue

import numpy as np

KINDS = ("lattice", "grains", "bilayer", "particle", "atoms", "empty")
CONTRAST_RADIUS = 40
ROOT = Path(__file__).resolve().parents[3]


def box_mean(images: np.ndarray) -> np.ndarray:
    """The mean over the window around each pixel, cut off at the border; (..., height, width)."""
    for axis in (-1, -2):
        n = images.shape[axis]
        zero = np.zeros_like(np.take(images, [0], axis=axis))
        sums = np.concatenate([zero, np.cumsum(images, axis=axis)], axis=axis)
        first = np.maximum(np.arange(n) - CONTRAST_RADIUS, 0)
        last = np.minimum(np.arange(n) + CONTRAST_RADIUS + 1, n)
        shape = [1] * images.ndim
        shape[axis] = n
        images = (np.take(sums, last, axis=axis) - np.take(sums, first, axis=axis)) / (
            (last - first).reshape(shape)
        )
    return images


def local_contrast(images: np.ndarray) -> np.ndarray:
    """What plugins/inference/_local_contrast.ts does; (..., height, width) of any float type."""
    images = images.astype(np.float64)
    mean = box_mean(box_mean(images))
    square = box_mean(box_mean((images - mean) ** 2))
    least = 1e-10 * np.max(np.abs(images), axis=(-1, -2), keepdims=True) ** 2
    normalized = (images - mean) / np.sqrt(np.maximum(square, 1e-300))
    return np.where(square > least, normalized, 0).astype(np.float32)


def turned(parts, random):
    """The same images turned by quarters and mirrored, all alike."""
    quarter, flip = random.integers(4), random.integers(2)
    parts = [np.rot90(part, quarter) for part in parts]
    return [part[:, ::-1] if flip else part for part in parts]


class Stream:
    """Batches of the simulator, made by a process of its own and used `reuse` times each.

    The n-th batch depends on seed and n only, so that a training that is resumed goes on as if it
    had not stopped but for the pool, which fills anew.
    """

    def __init__(self, seed: int, first: int, params: dict, reuse: int):
        self.size, self.batch, self.reuse = params["size"], params["count"], reuse
        self.random = np.random.default_rng([seed, first])
        deno = os.environ.get("DENO", "npx -y deno@2.9.6").split()
        script = str(Path(__file__).with_name("stream.ts"))
        self.process = subprocess.Popen(
            [*deno, "run", "-A", "--no-check", script, str(seed), str(first), json.dumps(params)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self.queue: Queue = Queue(maxsize=8)
        self.pool: list = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        pixels = self.size**2
        length = 8 + 9 * pixels
        while True:
            data = self.process.stdout.read(length * self.batch)
            if len(data) < length * self.batch:
                self.queue.put(None)
                return
            rows = np.frombuffer(data, np.uint8).reshape(self.batch, length)
            header = rows[:, :8].copy().view(np.float32)
            shape = (self.batch, self.size, self.size)
            image = rows[:, 8 : 8 + 4 * pixels].copy().view(np.float32).reshape(shape)
            target = rows[:, 8 + 4 * pixels : 8 + 8 * pixels].copy().view(np.float32).reshape(shape)
            weights = rows[:, 8 + 8 * pixels :].astype(np.float32).reshape(shape)
            self.queue.put((local_contrast(image), target, weights, header))

    def next(self):
        """One batch: images, targets, weights (n, size, size), kinds, spacings (n)."""
        while len(self.pool) < (12 if self.reuse > 1 else 1) * self.batch:
            got = self.fresh()
            self.pool.extend([part[i] for part in got] + [0] for i in range(self.batch))
        chosen = self.random.choice(len(self.pool), self.batch, replace=False)
        picked = [self.pool[i] for i in chosen]
        for item in picked:
            item[-1] += 1
        self.pool = [item for item in self.pool if item[-1] < self.reuse]
        shown = [turned(item[:3], self.random) for item in picked]
        images, targets, weights = (np.stack(parts) for parts in zip(*shown))
        headers = np.stack([item[3] for item in picked])
        return images, targets, weights, headers[:, 0].astype(int), headers[:, 1]

    def fresh(self):
        """The next batch as it was made: images, targets, weights, headers (kind, spacing)."""
        got = self.queue.get()
        if got is None:
            raise RuntimeError("the simulator stopped; see its message above")
        return got

    def close(self) -> None:
        self.process.kill()
