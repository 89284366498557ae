"""Blobs by scikit-image: python skimage_blobs.py IMAGE.npy JSON ... prints one line of JSON a request.

A request is {"method": "log", "parameters": {...}}. A line has seconds of processor time (best of three) and
the blobs as x, y, sigma.
"""

import json
import sys
import time

import numpy as np
from skimage.feature import blob_dog, blob_doh, blob_log

METHODS = {"log": blob_log, "dog": blob_dog, "doh": blob_doh}
image = np.load(sys.argv[1]).astype(np.float64)
for text in sys.argv[2:]:
    request = json.loads(text)
    seconds = float("inf")
    for _ in range(3):
        started = time.process_time()
        blobs = METHODS[request["method"]](image, **request["parameters"])
        seconds = min(seconds, time.process_time() - started)
    y, x, sigma = (blobs[:, k].tolist() for k in range(3))
    print(json.dumps({"seconds": seconds, "x": x, "y": y, "sigma": sigma}), flush=True)
