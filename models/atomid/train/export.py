"""Exports a training: `python export.py CHECKPOINT DIR --name NAME`.

Writes model.onnx (any number and size of images), rdf.yaml (bioimage.io 0.5) and the tensors it is
tested with; card.md is written by hand.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
import yaml

from deployed import Deployed
from network import AtomID
from patches import Stream

OPSET = 17
HALO = 96  # px by which tiles must overlap: beyond it an input changes the answer by less than 1e-4
SAME = 1e-5  # rounding: what is exported adds up the same products in another order
TEST_SHAPE = (96, 128)  # not square, so that exchanged axes show


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", default="AtomID")
    parser.add_argument("--description", default="Finds atomic columns in HAADF images, at any magnification")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    state = torch.load(options.checkpoint, weights_only=True)
    network = AtomID(state["features"])
    network.load_state_dict(state["average"])
    network.eval()
    model = Deployed(network).eval()
    write_onnx(model, options.out / "model.onnx")
    image = test_image()
    with torch.no_grad():
        confidence, spacing = model(torch.from_numpy(image))
        logits, same_spacing = network(torch.from_numpy(image))
    torch.testing.assert_close(confidence, torch.sigmoid(logits), atol=SAME, rtol=0)
    torch.testing.assert_close(spacing, same_spacing, atol=SAME, rtol=0)
    for name, tensor in {"input": image, "confidence": confidence.numpy(), "spacing": spacing.numpy()}.items():
        np.save(options.out / f"test_{name}.npy", tensor)
    description = describe(options)
    (options.out / "rdf.yaml").write_text(yaml.safe_dump(description, sort_keys=False, width=100))
    weights = sum(p.numel() for p in network.parameters())
    print(json.dumps({"weights": weights, "bytes": (options.out / "model.onnx").stat().st_size}))


def write_onnx(model, path: Path) -> None:
    """Any number and size of images; exporting twice gives the same bytes."""
    torch.onnx.export(
        model,
        torch.zeros(1, 1, 64, 96),
        str(path),
        input_names=["image"],
        output_names=["confidence", "spacing"],
        dynamic_axes={
            "image": {0: "n", 2: "h", 3: "w"},
            "confidence": {0: "n", 2: "h", 3: "w"},
            "spacing": {0: "n", 2: "h16", 3: "w16"},
        },
        opset_version=OPSET,
        dynamo=False,
    )
    graph = onnx.load(path)
    onnx.checker.check_model(graph)
    graph.producer_version = ""
    path.write_bytes(graph.SerializeToString(deterministic=True))


def test_image() -> np.ndarray:
    """A simulated patch, locally normalized: (1, 1, 96, 128)."""
    stream = Stream(4, 0, {"count": 1, "size": 128, "lattices": "2H", "spacingMin": 11, "spacingMax": 12}, 1)
    images, *_ = stream.fresh()
    stream.close()
    return np.ascontiguousarray(images[:1, None, : TEST_SHAPE[0], : TEST_SHAPE[1]])


def describe(options) -> dict:
    def tensor(name):
        path = options.out / f"test_{name}.npy"
        return {"source": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}

    def axes(channel, y, x, **more):
        return [
            {"type": "batch"},
            {"type": "channel", "channel_names": [channel]},
            {"type": "space", "id": "y", "size": y, **more},
            {"type": "space", "id": "x", "size": x, **more},
        ]

    sized = {"min": 16, "step": 16}
    like = lambda axis: {"tensor_id": "image", "axis_id": axis}
    onnx_bytes = (options.out / "model.onnx").read_bytes()
    return {
        "format_version": "0.5.4",
        "type": "model",
        "name": options.name,
        "description": options.description,
        "authors": [{"name": "The Adatom developers"}],
        "license": "MIT",
        "tags": ["electron-microscopy", "STEM", "HAADF", "atomic-columns", "detection"],
        "documentation": "card.md",
        "inputs": [
            {
                "id": "image",
                "description": "one gray image, bright columns, after local contrast normalization",
                "axes": axes("intensity", sized, sized),
                "test_tensor": tensor("input"),
            }
        ],
        "outputs": [
            {
                "id": "confidence",
                "description": "0 to 1; a peak of about a quarter of the spacing's width at each column",
                "axes": axes("confidence", like("y"), like("x"), halo=HALO),
                "test_tensor": tensor("confidence"),
                "data": {"range": [0.0, 1.0]},
            },
            {
                "id": "spacing",
                "description": "natural log of the nearest-neighbor spacing in px, for each 16 x 16 px",
                "axes": axes("log_spacing", {"min": 1, "step": 1}, {"min": 1, "step": 1}, scale=16),
                "test_tensor": tensor("spacing"),
            },
        ],
        "weights": {
            "onnx": {
                "source": "model.onnx",
                "sha256": hashlib.sha256(onnx_bytes).hexdigest(),
                "opset_version": OPSET,
            }
        },
        "config": {
            "adatom": {
                "kind": "atomid",
                "normalization": {"id": "local-contrast", "radius": 40, "passes": 2},
                "spacings": [5, 42],
            }
        },
    }


if __name__ == "__main__":
    main()
