"""MapAnything (github.com/facebookresearch/map-anything) as a reconstruction frontend.

Not run with real weights by this project; the self test runs a stub. Metric. `facebook/map-anything-apache` is under
Apache 2.0, `facebook/map-anything` under CC BY-NC 4.0.
"""

import protocol


class MapAnything(protocol.Adapter):
    name = "mapanything"
    version = "1"
    options = {"model": "facebook/map-anything-apache", "device": "", "drop": "10"}

    def reconstruct(self, photos, options, job):
        import numpy

        from mapanything.models import MapAnything as Model
        from mapanything.utils.image import load_images

        torch, device = protocol.torch_and_device(options)
        job.step(0, 3, "loading the model")
        model = Model.from_pretrained(options["model"]).to(device).eval()
        job.step(1, 3, "reading photos")
        views = load_images([p["file"] for p in photos])
        job.step(2, 3, "inference")
        with torch.no_grad():
            found = model.infer(
                views, memory_efficient_inference=True, use_amp=device.startswith("cuda"), apply_mask=True,
                mask_edges=True,
            )
        array = lambda t: t[0].float().cpu().numpy()
        sure = [array(f["conf"]) for f in found]
        threshold = numpy.percentile(numpy.concatenate([s.ravel() for s in sure]), float(options["drop"]))
        r = protocol.Reconstruction(True, "MapAnything predicts the metric scale")
        r.note("The loader of MapAnything cuts photos to a few proportions: what is outside has no depth.")
        for p, f, c in zip(photos, found, sure):
            k, depth = array(f["intrinsics"]), array(f["depth_z"])[..., 0]
            depth = numpy.where(array(f["mask"])[..., 0] > 0, depth, 0.0)
            lens = (k[0, 0], k[1, 1], k[0, 2], k[1, 2])
            c = protocol.unit_confidence(c, threshold)
            (w, h), lens, (depth, c) = protocol.uncropped(p, lens, depth, c)
            r.add(p, w, h, *lens, protocol.rigid(array(f["camera_poses"])), depth, c)
        return r


if __name__ == "__main__":
    protocol.main(MapAnything())
