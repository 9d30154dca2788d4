#!/usr/bin/env python3
"""A straightforward z-buffer in numpy, and Open3D where it is installed, on a memory of `reasmory bench render
--keep DIR`: the same points, eye, lens and size as its row `ego`.

    reasmory bench render --keep /tmp/bench.mem
    python3 tools/render_baseline.py /tmp/bench.mem

Both draw one pixel a point; neither closes the gaps between points, so they do less than `ego` does.
"""

import json
import math
import struct
import sys
import time
from pathlib import Path

import numpy as np


def column(path, name):
    raw = path.read_bytes()
    (n,) = struct.unpack("<Q", raw[:8])
    head = json.loads(raw[8 : 8 + n])[name]
    start, end = head["data_offsets"]
    kind = {"F32": np.float32, "U8": np.uint8, "U32": np.uint32}[head["dtype"]]
    return np.frombuffer(raw[8 + n + start : 8 + n + end], kind).reshape(head["shape"])


def camera(manifest, side):
    lo, hi = np.array(manifest["bounds"]["min"]), np.array(manifest["bounds"]["max"])
    floor = (manifest.get("room") or {}).get("floor", lo[2])
    eye = np.array([lo[0] + 0.2 * (hi[0] - lo[0]), lo[1] + 0.2 * (hi[1] - lo[1]), floor + 1.5])
    ahead = np.array([hi[0] - eye[0], hi[1] - eye[1], 0.0])
    ahead /= np.linalg.norm(ahead)
    right, down = np.array([ahead[1], -ahead[0], 0.0]), np.array([0.0, 0.0, -1.0])
    focal = 0.5 * side / math.tan(math.radians(75.0) / 2)
    return np.stack([right, down, ahead]).astype(np.float32), eye.astype(np.float32), np.float32(focal)


def zbuffer(points, colors, turn, eye, focal, side):
    """Least depth per pixel by one pass of `minimum.at` over depth and point number in one word."""
    p = (points - eye) @ turn.T
    ahead = np.flatnonzero(p[:, 2] > 0.01)
    p = p[ahead]
    scale = focal / p[:, 2]
    u = np.floor(p[:, 0] * scale + 0.5 * side).astype(np.int64)
    v = np.floor(p[:, 1] * scale + 0.5 * side).astype(np.int64)
    inside = (u >= 0) & (v >= 0) & (u < side) & (v < side)
    at = v[inside] * side + u[inside]
    key = p[inside, 2].view(np.uint32).astype(np.uint64) << np.uint64(32)
    key |= ahead[inside].astype(np.uint64)
    buffer = np.full(side * side, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(buffer, at, key)
    seen = buffer != np.iinfo(np.uint64).max
    image = np.zeros((side * side, 3), np.uint8)
    image[seen] = colors[(buffer[seen] & np.uint64(0xFFFFFFFF)).astype(np.int64)]
    return image, seen


def timed(name, draw, runs=15):
    draw()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        result = draw()
        times.append(1e3 * (time.perf_counter() - start))
    print(f"{name:<12} min {min(times):9.2f} ms   median {sorted(times)[len(times) // 2]:9.2f} ms")
    return result


def main():
    root, side = Path(sys.argv[1]), 960
    manifest = json.loads((root / "manifest.json").read_text())
    points = column(root / "points.safetensors", "positions")
    colors = column(root / "points.safetensors", "colors")
    turn, eye, focal = camera(manifest, side)
    _, seen = timed("numpy", lambda: zbuffer(points, colors, turn, eye, focal, side))
    print(f"{'':<12} pixels without a point: {100 * (1 - seen.mean()):.1f} %")
    try:
        import open3d as o3d
    except ImportError:
        print("open3d       is not installed")
        return
    cloud = o3d.t.geometry.PointCloud(o3d.core.Tensor(points))
    cloud.point.colors = o3d.core.Tensor(colors.astype(np.float32) / 255)
    lens = o3d.core.Tensor([[focal, 0, side / 2], [0, focal, side / 2], [0, 0, 1]], o3d.core.float64)
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn, -turn @ eye
    pose = o3d.core.Tensor(pose)
    draw = lambda: cloud.project_to_rgbd_image(side, side, lens, pose, depth_scale=1.0, depth_max=1e4)
    timed("open3d", draw)


if __name__ == "__main__":
    main()
