"""Radial profiles of single columns in a HAADF probe, by abTEM's multislice with frozen phonons.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python make.py

Writes profiles.json beside itself: the share of the beam's electrons that reach the detector, with
the probe at a distance r from the column, for each column and defocus.
"""

import json
from pathlib import Path

import abtem
import ase
import numpy as np

VOLTAGE = 80e3  # V
CONVERGENCE = 27.5  # mrad
DETECTOR = (60, 200)  # mrad
DEFOCI = (0, 40, 80)  # angstrom; the depth of focus, lambda / angle^2, is 55
BOX = 18.0  # angstrom: the periodic copies are two profiles away
PIXELS = 324  # 0.0556 angstrom, which carries 225 mrad below the anti-aliasing limit
REACH, STEP = 5.0, 0.2  # angstrom
DEPTH = 4.0  # angstrom: the column's middle lies below the plane that defocus counts from
CONFIGURATIONS = 24
SEED = 1

# Species, heights in angstrom (2H MoS2 has its sulfur layers 3.13 apart), motion along each axis.
COLUMNS = {
    "C": ("C", (0.0,), 0.07),
    "O": ("O", (0.0,), 0.07),
    "S": ("S", (0.0,), 0.07),
    "S2": ("S", (-1.565, 1.565), 0.07),
    "Sr": ("Sr", (0.0,), 0.07),
    "Mo": ("Mo", (0.0,), 0.07),
    "W": ("W", (0.0,), 0.07),
    "Re": ("Re", (0.0,), 0.07),
    "Au": ("Au", (0.0,), 0.07),
}


def profile(species, heights, motion, defocus):
    middle = BOX / 2
    atoms = ase.Atoms(
        [species] * len(heights),
        positions=[(middle, middle, DEPTH + z) for z in heights],
        cell=(BOX, BOX, 8),
        pbc=True,
    )
    phonons = abtem.FrozenPhonons(atoms, CONFIGURATIONS, motion, seed=SEED)
    potential = abtem.Potential(phonons, gpts=PIXELS, slice_thickness=1, projection="infinite")
    probe = abtem.Probe(energy=VOLTAGE, semiangle_cutoff=CONVERGENCE, defocus=defocus)
    probe.grid.match(potential)
    points = round(2 * REACH / STEP) + 1
    scan = abtem.LineScan(
        (middle - REACH, middle), (middle + REACH, middle), gpts=points, endpoint=True
    )
    detector = abtem.AnnularDetector(*DETECTOR)
    line = probe.scan(potential, scan=scan, detectors=detector).compute(progress_bar=False)
    line = np.asarray(line.array, dtype=float)
    while line.ndim > 1:
        line = line.mean(axis=0)
    half = points // 2
    # The two sides are the same but for the sample of displacements.
    return (line[half:] + line[half::-1]) / 2


def main():
    abtem.config.set({"device": "cpu", "fft": "fftw", "precision": "float32"})
    found = []
    for name, (species, heights, motion) in COLUMNS.items():
        for defocus in DEFOCI:
            values = profile(species, heights, motion, defocus)
            found.append({
                "column": name,
                "defocusNm": defocus / 10,
                "motionNm": round(motion / 10, 6),
                "intensity": [float(f"{v:.5g}") for v in values],
            })
            print(name, defocus, values[:3], values[-1], flush=True)
    document = {
        "abtem": abtem.__version__,
        "voltageKv": VOLTAGE / 1e3,
        "convergenceMrad": CONVERGENCE,
        "detectorMrad": DETECTOR,
        "depthNm": DEPTH / 10,
        "stepNm": STEP / 10,
        "configurations": CONFIGURATIONS,
        "profiles": found,
    }
    text = json.dumps(document, indent=None, separators=(",", ":"))
    Path(__file__).with_name("profiles.json").write_text(text.replace('{"column', '\n{"column') + "\n")


if __name__ == "__main__":
    main()
