"""VGGT (github.com/facebookresearch/vggt) as a reconstruction frontend.

Not run with real weights by this project; the self test runs a stub. Relative scale. The checkpoint `facebook/VGGT-1B`
is for research (CC BY-NC 4.0); `facebook/VGGT-1B-Commercial` has other terms.
"""

import protocol


class Vggt(protocol.Adapter):
    name = "vggt"
    version = "1"
    options = {"model": "facebook/VGGT-1B", "device": "", "side": "518", "drop": "20"}

    def reconstruct(self, photos, options, job):
        import numpy
        from vggt.models.vggt import VGGT
        from vggt.utils.pose_enc import pose_encoding_to_extri_intri

        torch, device = protocol.torch_and_device(options)
        width, height = protocol.same_size(photos)
        # The whole photo, each axis to a multiple of the patch: nothing is cut, and the lens is scaled back.
        size = protocol.multiple(width, height, int(options["side"]), 14)
        job.step(0, 3, "loading the model")
        model = VGGT.from_pretrained(options["model"]).to(device).eval()
        job.step(1, 3, "reading photos")
        images = torch.from_numpy(protocol.load_photos(photos, size)).to(device)
        job.step(2, 3, "inference")
        half = device.startswith("cuda")
        dtype = torch.bfloat16 if half and torch.cuda.get_device_capability()[0] >= 8 else torch.float16
        with torch.no_grad(), torch.autocast("cuda" if half else "cpu", dtype=dtype, enabled=half):
            found = model(images)
        extrinsic, intrinsic = pose_encoding_to_extri_intri(found["pose_enc"].float(), images.shape[-2:])
        array = lambda t: t.squeeze(0).float().cpu().numpy()
        extrinsic, intrinsic = array(extrinsic), array(intrinsic)
        depth, sure = array(found["depth"])[..., 0], array(found["depth_conf"])
        # Its confidence is 1 + exp(x), of no fixed scale: a part of the least sure pixels is let go.
        threshold = numpy.percentile(sure, float(options["drop"]))
        sure = protocol.unit_confidence(sure, threshold)
        r = protocol.Reconstruction(False, "VGGT gives lengths without a unit")
        r.note(f"The least sure {options['drop']} % of the depth pixels were left out.")
        for p, e, k, d, c in zip(photos, extrinsic, intrinsic, depth, sure):
            lens = (k[0, 0], k[1, 1], k[0, 2], k[1, 2])
            (w, h), lens, (d, c) = protocol.to_photo(p, lens, d, c)
            r.add(p, w, h, *lens, protocol.inverse(e), d, c)
        return r


if __name__ == "__main__":
    protocol.main(Vggt())
