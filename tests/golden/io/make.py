"""Makes the files in this folder with programs that are not ours.

python3 -m venv .venv && .venv/bin/pip install numpy==2.4.6 tifffile==2026.3.3 pillow==13.0.0
.venv/bin/python make.py

All show one picture of 13 x 9 px: value(page, y, x) = 100 page + 7 y + 3 x, with what is said beside it
added; red, green, blue are value, value + 20, value + 40 in color pictures.
"""

from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

HERE = Path(__file__).parent
page, y, x = np.meshgrid(np.arange(2), np.arange(9), np.arange(13), indexing="ij")
VALUE = 100 * page + 7 * y + 3 * x
ONE = VALUE[0]
RGB = np.stack([ONE, ONE + 20, ONE + 40], axis=2).astype("u1")


def tif(name, array, **how):
    how.setdefault("photometric", "minisblack")
    tifffile.imwrite(HERE / f"{name}.tif", array, datetime=False, software=False, **how)


def plain(name, array, **how):
    """Without tifffile's own description."""
    tif(name, array, metadata=None, **how)


plain("u8", VALUE.astype("u1"))
plain("u16_be_deflate_predictor", VALUE.astype("u2"), byteorder=">", compression="zlib", predictor=2,
      rowsperstrip=4)
plain("u32_be", VALUE.astype("u4"), byteorder=">")
plain("i8", (ONE - 100).astype("i1"))  # - 100
plain("i16_big", (VALUE - 100).astype("i2"), bigtiff=True)  # - 100, BigTIFF
plain("i32", (ONE - 100).astype("i4"))  # - 100
plain("f16", (ONE + 0.5).astype("f2"))  # + 0.5
plain("f32_be_tiles", (ONE + 0.5).astype("f4"), byteorder=">", tile=(16, 16), compression="zlib")
plain("f32_be_predictor", (ONE + 0.5).astype("f4"), byteorder=">", compression="zlib", predictor=3)
plain("f64_be", (ONE + 0.5).astype("f8"), byteorder=">")
plain("rgb_planar", np.moveaxis(RGB, 2, 0).copy(), photometric="rgb", planarconfig="separate")
plain("two_channels", np.stack([ONE, ONE + 20], axis=2).astype("u1"), planarconfig="contig")
plain("white_is_zero", ONE.astype("u1"), photometric="miniswhite")
plain("u64", ONE.astype("u8"))
plain("complex", ONE.astype("c8"))
plain("dpi72", ONE.astype("u1"), resolution=(72, 72), resolutionunit="INCH")
plain("per_cm", ONE.astype("u1"), resolution=(5e8, 2.5e8), resolutionunit="CENTIMETER")
tif("imagej", VALUE.astype("u2"), imagej=True, resolution=(20, 10),
    metadata={"unit": "nm", "axes": "TYX"})
tif("imagej_pixels", ONE.astype("u2"), imagej=True, resolution=(1, 1), metadata={"unit": "pixel"})
tif("imagej_micro", ONE.astype("u2"), imagej=True, resolution=(4, 4),
    metadata={"unit": "\\u00B5m"})
tif("imagej_channels", np.stack([VALUE, VALUE]).astype("u1"), imagej=True,
    metadata={"axes": "TCYX"})
tif("imagej_signed", (ONE + 32768 - 100).astype("u2"), imagej=True,
    metadata={"cf": 0, "c0": -32768, "c1": 1, "vunit": "Gray Value"})  # - 100
tif("ome", VALUE.astype("u1"), ome=True, metadata={
    "axes": "TYX", "PhysicalSizeX": 0.25, "PhysicalSizeXUnit": "Å",
    "PhysicalSizeY": 0.5, "PhysicalSizeYUnit": "Å"})
with tifffile.TiffWriter(HERE / "thumbnail.tif") as writer:
    kw = {"photometric": "minisblack", "metadata": None, "software": False}
    writer.write(ONE.astype("u1"), **kw)
    writer.write(ONE[::2, ::2].astype("u1"), subfiletype=1, **kw)
gray = Image.fromarray(ONE.astype("u1"))
gray.save(HERE / "u8_lzw.tif", compression="tiff_lzw")
gray.save(HERE / "u8_packbits.tif", compression="packbits")
gray.save(HERE / "u8_jpeg.tif", compression="jpeg", quality=100)
Image.fromarray(ONE.astype("u2")).save(
    HERE / "u16_lzw_predictor.tif", compression="tiff_lzw", tiffinfo={317: 2})
palette = Image.fromarray(RGB).quantize(200)
palette.save(HERE / "palette.tif")

gray.save(HERE / "gray8.png")
Image.fromarray((257 * ONE).astype("u2")).save(HERE / "gray16.png")  # times 257
Image.fromarray(ONE > 60).save(HERE / "gray1.png")  # 255 above 60, else 0
Image.fromarray(RGB).save(HERE / "rgb.png")
Image.fromarray(np.dstack([ONE, ONE, ONE, RGB[..., 2]]).astype("u1")).save(HERE / "gray_as_rgba.png")
Image.fromarray(RGB).quantize(16).save(HERE / "palette4.png", bits=4)
gray.save(HERE / "gray.jpg", quality=100)
gray.save(HERE / "progressive.jpg", quality=100, progressive=True)
Image.fromarray(RGB).save(HERE / "rgb.jpg", quality=100, subsampling=0)
gray.save(HERE / "gray.bmp")
Image.fromarray(RGB).save(HERE / "rgb.bmp")
Image.fromarray(np.dstack([RGB, RGB[..., 0]])).save(HERE / "rgba.bmp")
Image.fromarray(ONE > 60).save(HERE / "two_colors.bmp")


def npy(name, array, version=None):
    with open(HERE / f"{name}.npy", "wb") as file:
        np.lib.format.write_array(file, array, version=version)


npy("f8", ONE + 0.5)
npy("fortran_i2_be", np.asfortranarray((VALUE - 100).astype(">i2")), (2, 0))  # - 100
npy("f2_v3", (ONE + 0.5).astype("f2"), (3, 0))
npy("i8", ONE.astype("i8"))
npy("bool", ONE > 60)
npy("four_axes", np.zeros((2, 1, 2, 2)))
npy("complex", np.zeros((2, 2), "c16"))
npy("records", np.zeros((2, 2), [("a", "f4")]))
npy("no_pixels", np.zeros((0, 5)))
np.savez_compressed(HERE / "several.npz", b=ONE.astype("u1"), a=VALUE.astype("u2"), scale=0.1)
