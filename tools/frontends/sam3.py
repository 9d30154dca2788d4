"""SAM 3 (github.com/facebookresearch/sam3) as a grounding frontend: masks for category prompts.

Not run with real weights by this project; the self test runs a stub. The checkpoint is gated: accept its terms first.
"""

import protocol


class Sam3(protocol.Adapter):
    name = "sam3"
    version = "1"
    options = {"checkpoint": "", "device": "", "threshold": "0.5"}

    def ground(self, photos, prompts, options, job):
        if not prompts:
            raise protocol.Failed("SAM 3 needs categories to look for", "give `--prompts chair,table`")
        from PIL import Image
        from sam3.model.sam3_image_processor import Sam3Processor
        from sam3.model_builder import build_sam3_image_model

        torch, device = protocol.torch_and_device(options)
        job.step(0, len(photos), "loading the model")
        given = {"checkpoint_path": options["checkpoint"], "load_from_HF": False} if options["checkpoint"] else {}
        model = build_sam3_image_model(device=device, **given)
        processor = Sam3Processor(model, device=device, confidence_threshold=float(options["threshold"]))
        found = []
        for i, p in enumerate(photos):
            job.step(i, len(photos), "inference")
            with torch.no_grad():
                state = processor.set_image(Image.open(p["file"]).convert("RGB"))
                things = []
                for prompt in prompts:
                    out = processor.set_text_prompt(state=state, prompt=prompt)
                    masks = out["masks"].squeeze(1).float().cpu().numpy()
                    for m, s in zip(masks, out["scores"].float().cpu().tolist()):
                        things.append(protocol.mask(prompt, s, m > 0.5))
            found.append(things)
        return found


if __name__ == "__main__":
    protocol.main(Sam3())
