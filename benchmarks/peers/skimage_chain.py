"""Drift by scikit-image: each exposure registered to the one before, steps summed.

python skimage_chain.py NORMALIZATION STACK.npy ... prints one line of JSON a stack: seconds (best of three),
and the drift as x and y, with the sign of alignment.drift.
"""

import json
import sys
import time

import numpy as np
from skimage.registration import phase_cross_correlation

normalization = None if sys.argv[1] == "none" else sys.argv[1]
for path in sys.argv[2:]:
    stack = np.load(path)
    seconds = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        x, y = [0.0], [0.0]
        for before, after in zip(stack, stack[1:]):
            shift, _, _ = phase_cross_correlation(
                before, after, upsample_factor=20, normalization=normalization
            )
            x.append(x[-1] - float(shift[1]))
            y.append(y[-1] - float(shift[0]))
        seconds = min(seconds, time.perf_counter() - started)
    print(json.dumps({"seconds": seconds, "x": x, "y": y}))
