"""Processor time of abTEM for some probe positions over a layer of MoS2, one slice an atom plane.

    python abtem_scan.py WIDTH_NM POSITIONS

Prints one line of JSON: seconds for the positions, and the versions.
"""

import json
import sys
import time

import abtem
import ase.build
import numpy as np


def main():
    side, positions = float(sys.argv[1]) * 10, int(sys.argv[2])
    abtem.config.set({"device": "cpu", "fft": "fftw", "num_workers": 1})
    layer = ase.build.mx2("MoS2", kind="2H", a=3.16, thickness=3.13, vacuum=2)
    layer = abtem.orthogonalize_cell(layer)
    repeats = [max(1, round(side / length)) for length in layer.cell.lengths()[:2]]
    atoms = layer * (*repeats, 1)
    # 0.0556 angstrom carry 225 mrad at 80 kV, as for tests/golden/abtem.
    potential = abtem.Potential(atoms, sampling=0.0556, slice_thickness=1, projection="infinite").build()
    potential = potential.compute(progress_bar=False)
    probe = abtem.Probe(energy=80e3, semiangle_cutoff=27.5, defocus=20)
    probe.grid.match(potential)
    rows = int(np.sqrt(positions))

    def run(rows):
        scan = abtem.GridScan((0, 0), (rows * 0.3, rows * 0.3), gpts=rows)
        image = probe.scan(potential, scan=scan, detectors=abtem.AnnularDetector(60, 200))
        return image.compute(progress_bar=False)

    run(1)  # compiles
    start = time.process_time()
    run(rows)
    seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "positions": rows * rows, "abtem": abtem.__version__}))


if __name__ == "__main__":
    main()
