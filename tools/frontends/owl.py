"""OWLv2 by Hugging Face's transformers as a grounding frontend: boxes for category prompts.

Not run with real weights by this project; the self test runs a stub.
"""

import protocol


class Owl(protocol.Adapter):
    name = "owl"
    version = "1"
    options = {"model": "google/owlv2-base-patch16-ensemble", "device": "", "threshold": "0.25"}

    def ground(self, photos, prompts, options, job):
        if not prompts:
            raise protocol.Failed("OWLv2 needs categories to look for", "give `--prompts chair,table`")
        from PIL import Image
        from transformers import Owlv2ForObjectDetection, Owlv2Processor

        torch, device = protocol.torch_and_device(options)
        job.step(0, len(photos), "loading the model")
        processor = Owlv2Processor.from_pretrained(options["model"])
        model = Owlv2ForObjectDetection.from_pretrained(options["model"]).to(device).eval()
        texts = [[f"a photo of a {p}" for p in prompts]]
        found = []
        for i, p in enumerate(photos):
            job.step(i, len(photos), "inference")
            image = Image.open(p["file"]).convert("RGB")
            inputs = processor(text=texts, images=image, return_tensors="pt").to(device)
            with torch.no_grad():
                outputs = model(**inputs)
            boxes = processor.post_process_grounded_object_detection(
                outputs, threshold=float(options["threshold"]), target_sizes=[image.size[::-1]]
            )[0]
            rows = zip(boxes["boxes"].tolist(), boxes["scores"].tolist(), boxes["labels"].tolist())
            things = [(b, s, k) for b, s, k in rows if b[0] < b[2] and b[1] < b[3]]
            found.append([protocol.box(prompts[k], s, *b) for b, s, k in things])
        return found


if __name__ == "__main__":
    protocol.main(Owl())
