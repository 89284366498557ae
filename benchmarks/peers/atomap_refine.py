"""Columns by Atomap: one pass of two-dimensional Gaussians with its defaults.

python atomap_refine.py IMAGE.npy STARTS.npy prints one line of JSON: seconds of processor time and the
positions. STARTS is (column, 2) with x, y in px.
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

image = np.load(sys.argv[1])
starts = np.load(sys.argv[2])
sublattice = am.Sublattice(starts, image=image)
sublattice.find_nearest_neighbors()
started = time.process_time()
sublattice.refine_atom_positions_using_2d_gaussian(percent_to_nn=0.4, show_progressbar=False)
seconds = time.process_time() - started
print(json.dumps({
    "seconds": seconds,
    "x": [float(v) for v in sublattice.x_position],
    "y": [float(v) for v in sublattice.y_position],
}))
