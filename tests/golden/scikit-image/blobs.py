"""Blobs of scikit-image's blob_log, blob_dog and blob_doh, for peaks.log, peaks.dog and peaks.doh.

    python -m venv v && v/bin/pip install scikit-image==0.26.0 numpy==2.4.6 scipy==1.17.1
    v/bin/python tests/golden/scikit-image/blobs.py

Writes blobs.json, and the images as <name>.npy: uint16, pixels times 65536, so that their quotients are exact
in single precision. Blobs are y, x, sigma in the order that scikit-image gives.

scikit-image prunes overlapping blobs in the order of a hash table; in a chain of overlapping ones that order
decides. Cases where it does are refused here, by pruning the same blobs in other orders: what is left is what
the definition says.
"""
import itertools
import json
import pathlib

import numpy as np
import scipy
import skimage
from skimage.feature import blob, blob_dog, blob_doh, blob_log

assert skimage.__version__ == "0.26.0", skimage.__version__
FOLDER = pathlib.Path(__file__).parent
random = np.random.default_rng(20260)
SIZE = 96


def gaussians(points, width=SIZE, height=SIZE):
    y, x = np.mgrid[:height, :width]
    image = np.zeros((height, width))
    for px, py, sigma, top in points:
        image += top * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * sigma**2))
    return image


def lattice(a, b, basis, sigma, width=SIZE, height=SIZE):
    points = []
    for i, j in itertools.product(range(-30, 31), repeat=2):
        for bx, by, top in basis:
            x, y = 1.37 + i * a[0] + j * b[0] + bx, 2.61 + i * a[1] + j * b[1] + by
            if -12 < x < width + 12 and -12 < y < height + 12:
                points.append((x, y, sigma, top))
    return gaussians(points, width, height)


def images():
    hexagonal = lattice((11.3, 1.7), (4.1, 10.7), [(0, 0, 0.7)], 2.1) + 0.12
    two = lattice((15.1, 2.2), (5.6, 14.4), [(0, 0, 0.7), (6.9, 5.5, 0.3)], 1.9) + 0.1
    counts = random.poisson(hexagonal * 40) / 40
    blobs = [(14.3, 13.8, 1.5, 0.9), (45.6, 17.2, 2.4, 0.8), (77.1, 20.9, 3.9, 0.7)]
    blobs += [(20.4, 60.3, 6.2, 0.8), (70.2, 66.7, 8.8, 0.9), (93.6, 92.2, 2.2, 0.5)]
    # narrow tops of unequal height on nothing, some faint and some wide, as networks make them
    spots = [(x, y, random.uniform(1.6, 2.6), random.uniform(0.15, 1)) for x, y in positions(60)]
    confidence = np.clip(gaussians(spots, 80, SIZE), 0, 1)
    return {
        "hexagonal": hexagonal,
        "two": two,
        "counts": counts / counts.max(),
        "isolated": gaussians(blobs),
        "confidence": confidence,
    }


def positions(count):
    kept = []
    while len(kept) < count:
        x, y = random.uniform(0, 79), random.uniform(0, SIZE - 1)
        if all((x - u) ** 2 + (y - v) ** 2 > 49 for u, v in kept):
            kept.append((x, y))
    return kept


METHODS = {"log": blob_log, "dog": blob_dog, "doh": blob_doh}
LATTICE = [
    ("log", dict(min_sigma=1, max_sigma=5, num_sigma=9, threshold=0.05)),
    ("log", dict(min_sigma=1, max_sigma=6, num_sigma=7, threshold=0.02, log_scale=True, exclude_border=5)),
    ("dog", dict(min_sigma=1, max_sigma=6, threshold=0.04)),
    ("dog", dict(min_sigma=1, max_sigma=6, sigma_ratio=1.3, threshold=0.02, overlap=0.2)),
    ("doh", dict(min_sigma=3, max_sigma=8, num_sigma=6, threshold=0.004)),
]
CASES = {
    "hexagonal": LATTICE,
    "two": LATTICE,
    "counts": LATTICE + [("log", dict(min_sigma=0.8, max_sigma=4, num_sigma=5, threshold=0.1, overlap=0.9))],
    "isolated": [
        ("log", dict(min_sigma=1, max_sigma=12, num_sigma=12, threshold=0.1)),
        ("log", dict(min_sigma=1, max_sigma=12, num_sigma=8, threshold=0.1, log_scale=True)),
        ("log", dict(min_sigma=1, max_sigma=30, threshold=None, threshold_rel=0.3)),
        ("log", dict(min_sigma=2, max_sigma=2, num_sigma=1, threshold=0.05)),
        ("dog", dict(min_sigma=1, max_sigma=12, threshold=0.05, overlap=0.3)),
        ("dog", dict(min_sigma=1, max_sigma=12, sigma_ratio=1.2, threshold=0.1, threshold_rel=0.4)),
        ("doh", dict(min_sigma=2, max_sigma=22, num_sigma=11, threshold=0.01)),
    ],
    "confidence": [
        ("log", dict(max_sigma=3.3, threshold=0.1)),
        ("dog", dict(max_sigma=3.3, threshold=0.1)),
        ("doh", dict(max_sigma=3.3, threshold=0.004)),
        ("doh", dict(min_sigma=3, max_sigma=9, num_sigma=5, threshold=0.004, log_scale=True)),
    ],
}


def prune_and_check(blobs, overlap, *, sigma_dim=1):
    """scikit-image's pruning; fails where the order of pairs decides."""
    result = PRUNE(blobs.copy(), overlap, sigma_dim=sigma_dim)
    kept = {tuple(row) for row in result}
    n = len(blobs)
    beats = lambda i, j: blobs[i][-1] > blobs[j][-1] or (blobs[i][-1] == blobs[j][-1] and i > j)
    over = [(i, j) for i in range(n) for j in range(n) if i != j and beats(i, j)
            and blob._blob_overlap(blobs[i], blobs[j]) > overlap]
    for _ in range(20):
        alive = [True] * n
        for k in random.permutation(len(over)):
            i, j = over[k]
            if alive[i]:
                alive[j] = False
        assert {tuple(blobs[k]) for k in range(n) if alive[k]} == kept, "the order of pruning decides"
    return result


PRUNE = blob._prune_blobs
blob._prune_blobs = prune_and_check

cases = []
for name, image in images().items():
    pixels = np.round(image * 65536).clip(0, 65535).astype(np.uint16)
    np.save(FOLDER / f"{name}.npy", pixels)
    for method, parameters in CASES[name]:
        try:
            found = METHODS[method](pixels / 65536, **parameters)
        except AssertionError as error:
            raise SystemExit(f"{name}, {method}, {parameters}: {error}")
        cases.append({"image": name, "method": method, "parameters": parameters, "blobs": found.tolist()})
versions = {"scikit-image": skimage.__version__, "numpy": np.__version__, "scipy": scipy.__version__}
lines = ",\n    ".join(json.dumps(case) for case in cases)
(FOLDER / "blobs.json").write_text(f'{{\n  "versions": {json.dumps(versions)},\n  "cases": [\n    {lines}\n  ]\n}}\n')
print(*[(c["image"], c["method"], len(c["blobs"])) for c in cases], sep="\n")
