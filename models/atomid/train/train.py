"""Trains AtomID: `python train.py --out DIR`, or `adatom train atomid --out DIR`, which exports it too.

Rows of JSON on stdout and in DIR/log.jsonl tell how it goes. It resumes by itself from DIR/checkpoint.pt,
and writes that when it is asked to stop. See ../card.md for how the shipped model was made.
"""

import argparse
import copy
import json
import math
import signal
import sys
import time
from pathlib import Path

import numpy as np
import torch

from labeled import LabeledSets
from losses import LOSSES
from network import AtomID
from patches import KINDS, Stream
from validate import held_out, validate


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=128, help="width of a patch, px")
    parser.add_argument("--lattices", choices=("any", "2H", "1T''"), default="any")
    parser.add_argument("--spacing", type=float, nargs=2, default=[5, 42], metavar=("MIN", "MAX"))
    parser.add_argument("--set", type=Path, action="append", help="train on a set of `adatom label` instead")
    parser.add_argument("--reuse", type=int, default=4, help="how often a patch is shown, turned")
    parser.add_argument("--features", type=int, nargs="+", default=[24, 40, 64, 96])
    parser.add_argument("--loss", choices=LOSSES, default="shipped")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--float32", action="store_true", help="where bfloat16 is not faster")
    parser.add_argument("--start", type=Path, help="a checkpoint to start from, with a schedule of its own")
    return parser.parse_args()


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    network = AtomID(options.features).to(memory_format=torch.channels_last)
    average = copy.deepcopy(network)
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=1e-4)
    checkpoint = options.out / "checkpoint.pt"
    step = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    elif options.start:
        begin_with(network, torch.load(options.start, weights_only=True)["average"])
        average.load_state_dict(network.state_dict())
    first = step
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda n: warm_cosine(first + n, options.steps, 1e-5 / options.rate),
    )
    stream = source(options, step)
    patches = held_out(options.size, options.lattices, options.spacing)
    log = (options.out / "log.jsonl").open("a")
    sums, since = {}, time.time()
    network.train()
    stopped = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.append(True))
    while step < options.steps and not stopped:
        batch = stream.next()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not options.float32):
            given = answers(network, *batch)
        loss, parts = LOSSES[options.loss](*given)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        step += 1
        follow(average, network, min(0.999, step / (step + 50)))
        for name, value in {"loss": loss.item(), **parts}.items():
            sums[name] = sums.get(name, 0) + value
        if step % 50 == 0:
            row = {"step": step, **{name: value / 50 for name, value in sums.items()}}
            row["seconds"] = round((time.time() - since) / 50, 3)
            tell(row, log)
            sums, since = {}, time.time()
        if step % 1000 == 0 or step == options.steps:
            tell({"step": step, **validate(average, patches)}, log)
        if step % 500 == 0 or step == options.steps or stopped:
            save(checkpoint, options, step, network, average, optimizer)
    stream.close()
    if stopped:
        sys.exit(130)


def tell(row: dict, log) -> None:
    for out in (log, sys.stdout):
        print(json.dumps(row), file=out, flush=True)


def begin_with(network, weights) -> None:
    """Takes over the weights of another training, but for layers that have another shape now."""
    own = network.state_dict()
    same = {name: value for name, value in weights.items() if name in own and own[name].shape == value.shape}
    network.load_state_dict(same, strict=False)


def source(options, step: int):
    """Where patches come from, from this step on."""
    if options.set:
        return LabeledSets(options.set, options.size, options.batch, [options.seed, step])
    params = {
        "count": options.batch,
        "size": options.size,
        "lattices": options.lattices,
        "spacingMin": options.spacing[0],
        "spacingMax": options.spacing[1],
    }
    return Stream(options.seed, -(-step // options.reuse), params, options.reuse)


def warm_cosine(step: int, steps: int, least: float) -> float:
    """The rate over its largest: up for 200 steps, then down along a cosine."""
    if step < 200:
        return (step + 1) / 200
    return least + (1 - least) * 0.5 * (1 + math.cos(math.pi * min(1, step / steps)))


def answers(network, images, targets, weights, kinds, spacings):
    as_input = lambda part: torch.from_numpy(np.ascontiguousarray(part)).unsqueeze(1)
    logits, log_spacing = network(as_input(images).contiguous(memory_format=torch.channels_last))
    defined = torch.from_numpy((kinds != KINDS.index("empty")).astype(np.float32))
    spacing = torch.from_numpy(np.ascontiguousarray(spacings))
    logits, log_spacing = logits.float(), log_spacing.float()
    return logits, as_input(targets), as_input(weights), log_spacing, spacing, defined


@torch.no_grad()
def follow(average, network, decay: float):
    for old, new in zip(average.parameters(), network.parameters()):
        old.lerp_(new, 1 - decay)


def save(path: Path, options, step, network, average, optimizer):
    state = {
        "step": step,
        "features": list(options.features),
        "network": network.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


if __name__ == "__main__":
    main()
