"""Pi3 and Pi3X (github.com/yyfz/Pi3) as a reconstruction frontend.

Not run with real weights by this project; the self test runs a stub. `--set variant=pi3x` takes Pi3X, whose scale is
about metres but not calibrated, and is called relative here unless `--set metric=true` says otherwise.
"""

import protocol


class Pi3(protocol.Adapter):
    name = "pi3"
    version = "1"
    options = {"model": "", "variant": "pi3", "device": "", "side": "504", "threshold": "0.1", "metric": "false"}

    def reconstruct(self, photos, options, job):
        import numpy

        if options["variant"] == "pi3x":
            from pi3.models.pi3x import Pi3X as Model
        elif options["variant"] == "pi3":
            from pi3.models.pi3 import Pi3 as Model
        else:
            raise protocol.Failed(f"there is no variant `{options['variant']}`", "use pi3 or pi3x")
        weights = options["model"] or {"pi3": "yyfz233/Pi3", "pi3x": "yyfz233/Pi3X"}[options["variant"]]
        torch, device = protocol.torch_and_device(options)
        width, height = protocol.same_size(photos)
        size = protocol.multiple(width, height, int(options["side"]), 14)
        job.step(0, 3, "loading the model")
        model = Model.from_pretrained(weights).to(device).eval()
        job.step(1, 3, "reading photos")
        images = torch.from_numpy(protocol.load_photos(photos, size)).to(device)
        job.step(2, 3, "inference")
        half = device.startswith("cuda")
        dtype = torch.bfloat16 if half and torch.cuda.get_device_capability()[0] >= 8 else torch.float16
        with torch.no_grad(), torch.autocast("cuda" if half else "cpu", dtype=dtype, enabled=half):
            found = model(images[None])
        array = lambda t: t.squeeze(0).float().cpu().numpy()
        local, poses = array(found["local_points"]), array(found["camera_poses"])
        sure = 1.0 / (1.0 + numpy.exp(-array(found["conf"])[..., 0]))
        sure = protocol.unit_confidence(sure, float(options["threshold"]))
        metric = options["metric"] == "true"
        source = "Pi3X's own scale, said to be metres" if metric else "Pi3 gives lengths without a unit"
        r = protocol.Reconstruction(metric, source)
        r.note("Pi3 gives points and no lens: focal lengths were fitted to the points of each photo.")
        for p, points, pose, c in zip(photos, local, poses, sure):
            fx, fy = protocol.focal_of(points)
            rows, columns = points.shape[:2]
            (w, h), lens, (d, c) = protocol.to_photo(p, (fx, fy, columns / 2, rows / 2), points[..., 2], c)
            r.add(p, w, h, *lens, protocol.rigid(pose), d, c)
        return r


if __name__ == "__main__":
    protocol.main(Pi3())
