"""Columns by Atomap: find, then refine by center of mass, as its manual begins.

python atomap_find.py RUNS IMAGE.npy SPACING [IMAGE.npy SPACING ...] prints one line of JSON an image: best
wall time of RUNS runs (ms), growth of the resident set (MiB, Linux only) and the positions (px), or an error.

Atomap has to be told how far apart columns are (its `separation`): SPACING is the true distance to the
nearest neighbor, px, of which 0.6 is taken. No other method compared is told anything of the truth.
"""

import json
import logging
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import numpy as np
import atomap.api as am
import hyperspy.api as hs

SEPARATION = 0.6


def resident(field):
    """VmRSS or VmHWM of this process in MiB, or None."""
    try:
        with open("/proc/self/status") as lines:
            return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))
    except (OSError, StopIteration):
        return None


def find(image, spacing):
    signal = hs.signals.Signal2D(image)
    starts = am.get_atom_positions(signal, separation=max(2, round(SEPARATION * spacing)))
    if len(starts) < 4:
        return np.asarray(starts, dtype=float).reshape(-1, 2)
    sublattice = am.Sublattice(starts, image=image)
    sublattice.find_nearest_neighbors()
    sublattice.refine_atom_positions_using_center_of_mass(show_progressbar=False)
    return np.column_stack([sublattice.x_position, sublattice.y_position])


runs = int(sys.argv[1])
before = resident("VmRSS:")
for path, spacing in zip(sys.argv[2::2], sys.argv[3::2]):
    try:
        image = np.load(path).astype(float)
        best = float("inf")
        for _ in range(runs + 1):  # the first is the warm-up
            started = time.perf_counter()
            found = find(image, float(spacing))
            seconds = time.perf_counter() - started
            best = min(best, seconds) if _ > 0 else best
        peak = resident("VmHWM:")
        row = {
            "ms": 1000 * best,
            "memoryMiB": None if peak is None or before is None else peak - before,
            "x": [float(v) for v in found[:, 0]],
            "y": [float(v) for v in found[:, 1]],
        }
    except Exception as error:  # one image must not end the others
        row = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(row), flush=True)
