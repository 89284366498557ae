"""Peaks of scikit-image's peak_local_max on an image without ties, for peaks.local-maxima.

    python -m venv v && v/bin/pip install scikit-image==0.25.2 numpy==2.4.6 scipy==1.17.1
    v/bin/python tests/golden/peaks/local_maxima.py > tests/golden/peaks/local_maxima.json

The image: s <- 16807 s mod (2^31 - 1) from 1, values s mod 256 in raster order; then the sum of the 3 x 3
box, edges clamped, times 2048, plus the index of the pixel, so that no two are equal.
"""
import json

import numpy as np
import scipy
import skimage
from skimage.feature import peak_local_max

assert skimage.__version__ == "0.25.2", skimage.__version__

WIDTH, HEIGHT = 48, 40


def image():
    s, values = 1, []
    for _ in range(WIDTH * HEIGHT):
        s = 16807 * s % (2**31 - 1)
        values.append(s % 256)
    padded = np.pad(np.array(values, np.int64).reshape(HEIGHT, WIDTH), 1, mode="edge")
    box = sum(padded[y : y + HEIGHT, x : x + WIDTH] for y in range(3) for x in range(3))
    return (box * 2048 + np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)).astype(np.float32)


pixels = image()
assert len(np.unique(pixels)) == pixels.size
cases = []
for distance in (1, 2, 3, 5, 9, 30):
    for threshold in (None, 2_500_000.0):
        for border in (0, 4):
            found = peak_local_max(
                pixels,
                min_distance=distance,
                threshold_abs=threshold,
                exclude_border=border if border else False,
                p_norm=np.inf,
            )
            cases.append(
                {
                    "minimumDistance": distance,
                    "threshold": threshold,
                    "excludeBorder": border,
                    "x": found[:, 1].tolist(),
                    "y": found[:, 0].tolist(),
                }
            )
versions = {"scikit-image": skimage.__version__, "numpy": np.__version__, "scipy": scipy.__version__}
lines = ",\n    ".join(json.dumps(case) for case in cases)
print(f'{{\n  "versions": {json.dumps(versions)},\n  "cases": [\n    {lines}\n  ]\n}}')
