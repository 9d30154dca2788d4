#!/usr/bin/env python3
"""Write a stored memory as a Rerun recording, to be looked at in the Rerun viewer.

    pip install numpy safetensors rerun-sdk
    python3 tools/export_rrd.py kitchen.mem -o kitchen.rrd
    rerun kitchen.rrd

Rerun's format is that of its own library, whose Rust crates would be the largest dependency of this project by far; so
its Python package writes it. Logged are the points (in colour, and by instance), the labelled boxes, and the cameras
with their pictures where those are stored. The world is right-handed with +z up, as in the memory.
"""

import argparse
import json
import pathlib

import numpy as np
import rerun as rr
from safetensors.numpy import load_file


def quaternion(axes):
    """(x, y, z, w) of a rotation matrix whose columns are `axes`."""
    m = np.asarray(axes, dtype=float)
    w = np.sqrt(max(0.0, 1 + m[0, 0] + m[1, 1] + m[2, 2])) / 2
    x = np.copysign(np.sqrt(max(0.0, 1 + m[0, 0] - m[1, 1] - m[2, 2])) / 2, m[2, 1] - m[1, 2])
    y = np.copysign(np.sqrt(max(0.0, 1 - m[0, 0] + m[1, 1] - m[2, 2])) / 2, m[0, 2] - m[2, 0])
    z = np.copysign(np.sqrt(max(0.0, 1 - m[0, 0] - m[1, 1] + m[2, 2])) / 2, m[1, 0] - m[0, 1])
    return [x, y, z, w]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("memory", type=pathlib.Path)
    parser.add_argument("-o", "--out", required=True, type=pathlib.Path)
    args = parser.parse_args()
    root = args.memory
    manifest = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
    points = load_file(root / "points.safetensors")

    rr.init(manifest["name"], spawn=False)
    rr.save(str(args.out))
    rr.log("world", rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
    rr.log("world/points", rr.Points3D(points["positions"], colors=points["colors"]), static=True)
    for instance in manifest["instances"]:
        own = points["positions"][points["instance"] == instance["id"]]
        box = instance["box"]
        name = f"world/{instance['category'].replace('/', ' ')}/{instance['id']}"
        rr.log(
            f"{name}/box",
            rr.Boxes3D(
                centers=[box["center"]],
                half_sizes=[np.asarray(box["lengths"], dtype=float) / 2],
                quaternions=[rr.Quaternion(xyzw=quaternion(np.asarray(box["axes"], dtype=float).T))],
                labels=[instance["category"]],
            ),
            static=True,
        )
        if len(own):
            rr.log(f"{name}/points", rr.Points3D(own), static=True)
    for photo in manifest["photos"]:
        name = f"world/photos/{photo['number']:04d}"
        pose = np.asarray(photo["camera_to_world"], dtype=float)
        lens = photo["pinhole"]
        rr.log(
            name,
            rr.Transform3D(translation=pose[:3, 3], mat3x3=pose[:3, :3]),
            rr.Pinhole(
                resolution=[lens["width"], lens["height"]],
                focal_length=[lens["fx"], lens["fy"]],
                # Rerun counts pixels from the corner of the picture, as the memory does.
                principal_point=[lens["cx"], lens["cy"]],
                camera_xyz=rr.ViewCoordinates.RDF,
            ),
            static=True,
        )
        if photo.get("image"):
            rr.log(f"{name}/picture", rr.EncodedImage(path=root / photo["image"]), static=True)


if __name__ == "__main__":
    main()
