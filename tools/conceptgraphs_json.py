#!/usr/bin/env python3
"""The objects of a ConceptGraphs map (`pcd_*.pkl.gz`) as JSON that `reasmory import` reads.

    conceptgraphs_json.py pcd_run.pkl.gz objects.json [--points 2000]

A pickle is a program, so `reasmory` reads none. This script unpickles arrays and plain containers alone: every
other class that the file names becomes an empty stand-in, and none of its code runs. Needs numpy.
"""

import argparse
import gzip
import json
import pickle
from collections import Counter


class Standin:
    """What the file says is an object of some class."""

    def __init__(self, *_args, **_kwargs):
        pass

    def __setstate__(self, _state):
        pass


class Arrays(pickle.Unpickler):
    """Makes numpy arrays and containers, and nothing else."""

    ALLOWED = {
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("builtins", "set"),
        ("builtins", "slice"),
        ("collections", "OrderedDict"),
        ("collections", "Counter"),
        ("_codecs", "encode"),
    }

    def find_class(self, module, name):
        of_numpy = module in ("numpy.core.multiarray", "numpy._core.multiarray", "numpy._core.numeric")
        if (module, name) in self.ALLOWED or of_numpy and name in ("_reconstruct", "scalar", "_frombuffer"):
            return super().find_class(module, name)
        return type(name, (Standin,), {})


def described(number, thing, most):
    """One object as the JSON has it."""
    names = thing.get("class_name")
    names = [names] if isinstance(names, str) else [str(n) for n in names or [] if n is not None]
    tag = thing.get("object_tag") or (Counter(names).most_common(1)[0][0] if names else "unknown")
    out = {"id": number, "object_tag": str(tag)}
    if isinstance(thing.get("consolidated_caption"), str):
        out["object_caption"] = thing["consolidated_caption"]
    if thing.get("bbox_np") is not None:
        # The eight corners in Open3D's order: the first, its neighbours along the axes, the opposite four.
        out["bbox_corners"] = [[float(x) for x in p] for p in thing["bbox_np"]]
    points = thing.get("pcd_np")
    if points is not None and len(points):
        step = max(1, -(-len(points) // most))
        out["points"] = [[round(float(x), 4) for x in p] for p in points[::step]]
        colors = thing.get("pcd_color_np")
        if colors is not None and len(colors) == len(points):
            out["colors"] = [[round(float(x), 3) for x in c] for c in colors[::step]]
        if "bbox_corners" not in out:
            low, high = points.min(axis=0), points.max(axis=0)
            out["bbox_center"] = [float(x) for x in (low + high) / 2]
            out["bbox_extent"] = [float(x) for x in high - low]
    sure = thing.get("conf")
    if sure is not None and len(sure):
        out["confidence"] = min(1.0, max(0.0, float(sum(map(float, sure)) / len(sure))))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("map", help="pcd_*.pkl.gz, or the pickle without gzip")
    parser.add_argument("json", help="where the list goes")
    parser.add_argument("--points", type=int, default=2000, help="most points kept of an object")
    args = parser.parse_args()
    opened = gzip.open if args.map.endswith(".gz") else open
    with opened(args.map, "rb") as f:
        saved = Arrays(f).load()
    things = saved["objects"] if isinstance(saved, dict) else saved
    listed = [described(i + 1, t, max(1, args.points)) for i, t in enumerate(things)]
    with open(args.json, "w", encoding="utf-8") as f:
        json.dump({"objects": listed}, f)


if __name__ == "__main__":
    main()
