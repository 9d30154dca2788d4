"""Depth Anything 3 (github.com/ByteDance-Seed/Depth-Anything-3) as a reconstruction frontend.

Not run with real weights by this project; the self test runs a stub. The nested models are metric; of others lengths
have no unit.
"""

import protocol


class DepthAnything3(protocol.Adapter):
    name = "depth-anything-3"
    version = "1"
    options = {"model": "depth-anything/DA3NESTED-GIANT-LARGE", "device": "", "side": "504", "drop": "20"}

    def reconstruct(self, photos, options, job):
        import numpy
        from depth_anything_3.api import DepthAnything3 as Model

        _, device = protocol.torch_and_device(options)
        protocol.same_size(photos)
        job.step(0, 2, "loading the model")
        model = Model.from_pretrained(options["model"]).to(device=device).eval()
        job.step(1, 2, "inference")
        found = model.inference(
            [p["file"] for p in photos],
            process_res=int(options["side"]),
            process_res_method="upper_bound_resize",
        )
        if found.extrinsics is None or found.intrinsics is None:
            raise protocol.Failed("this model gives no cameras", "take one of the any-view or nested models")
        metric = "nested" in options["model"].lower()
        sure = numpy.asarray(found.conf, dtype=float)
        sure = protocol.unit_confidence(sure, numpy.percentile(sure, float(options["drop"])))
        source = "the nested model's metric branch" if metric else "this model gives lengths without a unit"
        r = protocol.Reconstruction(metric, source)
        r.note(f"The least sure {options['drop']} % of the depth pixels were left out.")
        for p, e, k, d, c in zip(photos, found.extrinsics, found.intrinsics, found.depth, sure):
            lens = (k[0, 0], k[1, 1], k[0, 2], k[1, 2])
            (w, h), lens, (d, c) = protocol.to_photo(p, lens, numpy.asarray(d), c)
            r.add(p, w, h, *lens, protocol.inverse(e), d, c)
        return r


if __name__ == "__main__":
    protocol.main(DepthAnything3())
