"""Flow3r (github.com/Kidrauh/flow3r) as a reconstruction frontend: photos or video frames of scenes in which things move.

Not run with real weights by this project; the self test runs a stub. The package is not on PyPI: clone it, put it on
PYTHONPATH, and give the checkpoint, which its authors hand out (`--set model=checkpoints/flow3r.bin`). A memory stands
still, so what moves is left out: points that most of the other frames, at their own times, see through.
"""

import protocol


def still(depths, lenses, poses, tolerance=0.05, most=8):
    """For each frame which pixels stand still: of the other frames (up to `most`, evenly spread) that look at a pixel's
    point, no more see through it, at something behind, than find it. `depths` is (n, rows, columns), z; `lenses` are
    (fx, fy, cx, cy) in pixels; `poses` are camera to world, 4 x 4."""
    import numpy

    n, rows, columns = depths.shape
    v, u = numpy.mgrid[0:rows, 0:columns] + 0.5
    kept = numpy.ones(depths.shape, bool)
    for i in range(n):
        fx, fy, cx, cy = lenses[i]
        z = depths[i]
        local = numpy.stack([(u - cx) / fx * z, (v - cy) / fy * z, z], -1)
        world = local @ poses[i][:3, :3].T + poses[i][:3, 3]
        others = [j for j in range(n) if j != i]
        others = others[:: max(1, -(-len(others) // most))]
        found, through = numpy.zeros((rows, columns), int), numpy.zeros((rows, columns), int)
        for j in others:
            gx, gy, kx, ky = lenses[j]
            q = (world - poses[j][:3, 3]) @ poses[j][:3, :3]
            ahead = q[..., 2] > 1e-6
            deep = numpy.where(ahead, q[..., 2], 1.0)
            x = numpy.floor(numpy.clip(gx * q[..., 0] / deep + kx, -1, columns)).astype(int)
            y = numpy.floor(numpy.clip(gy * q[..., 1] / deep + ky, -1, rows)).astype(int)
            seen = ahead & (z > 0) & (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
            there = depths[j][y.clip(0, rows - 1), x.clip(0, columns - 1)]
            seen &= there > 0
            found += seen & (abs(there - deep) <= tolerance * deep)
            through += seen & (there - deep > tolerance * deep)
        kept[i] = through <= found
    return kept


class Flow3r(protocol.Adapter):
    name = "flow3r"
    version = "1"
    options = {"model": "checkpoints/flow3r.bin", "device": "", "side": "504", "threshold": "0.1", "moving": "drop"}

    def reconstruct(self, photos, options, job):
        import numpy
        from flow3r.models.flow3r import Flow3r as Model

        if options["moving"] not in ("drop", "keep"):
            raise protocol.Failed(f"`moving={options['moving']}` is not understood", "use drop or keep")
        torch, device = protocol.torch_and_device(options)
        width, height = protocol.same_size(photos)
        size = protocol.multiple(width, height, int(options["side"]), 14)
        job.step(0, 3, "loading the model")
        model = Model()
        model.load_state_dict(torch.load(options["model"], map_location="cpu", weights_only=True), strict=True)
        model = model.to(device).eval()
        job.step(1, 3, "reading photos")
        images = torch.from_numpy(protocol.load_photos(photos, size)).to(device)
        job.step(2, 3, "inference")
        half = device.startswith("cuda")
        dtype = torch.bfloat16 if half and torch.cuda.get_device_capability()[0] >= 8 else torch.float16
        with torch.no_grad(), torch.autocast("cuda" if half else "cpu", dtype=dtype, enabled=half):
            found = model(images[None])
        array = lambda t: t.squeeze(0).float().cpu().numpy()
        local = array(found["local_points"])
        poses = [numpy.asarray(protocol.rigid(p)) for p in array(found["camera_poses"])]
        sure = 1.0 / (1.0 + numpy.exp(-array(found["conf"])[..., 0]))
        sure = protocol.unit_confidence(sure, float(options["threshold"]))
        rows, columns = local.shape[1:3]
        lenses = [(*protocol.focal_of(points), columns / 2, rows / 2) for points in local]
        r = protocol.Reconstruction(False, "Flow3r gives lengths without a unit")
        r.note("Flow3r gives points and no lens: focal lengths were fitted to the points of each photo.")
        if options["moving"] == "drop" and len(photos) > 2:
            stands = still(local[..., 2], lenses, poses)
            sure = numpy.where(stands, sure, 0.0)
            r.note(f"{100 * (1 - stands.mean()):.1f} % of the pixels show what moves and were left out.")
        for p, points, pose, lens, c in zip(photos, local, poses, lenses, sure):
            (w, h), fitted, (d, c) = protocol.to_photo(p, lens, points[..., 2], c)
            r.add(p, w, h, *fitted, pose, d, c)
        return r


if __name__ == "__main__":
    protocol.main(Flow3r())
