"""Grounding DINO for boxes and SAM 2 for masks, both by Hugging Face's transformers, as a grounding frontend.

Not run with real weights by this project; the self test runs a stub.
"""

import protocol


class GroundedSam2(protocol.Adapter):
    name = "grounded-sam2"
    version = "1"
    options = {
        "detector": "IDEA-Research/grounding-dino-base", "segmenter": "facebook/sam2.1-hiera-large",
        "device": "", "threshold": "0.35", "text-threshold": "0.25",
    }

    def ground(self, photos, prompts, options, job):
        if not prompts:
            raise protocol.Failed("Grounding DINO needs categories to look for", "give `--prompts chair,table`")
        from PIL import Image
        from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor, Sam2Model, Sam2Processor

        torch, device = protocol.torch_and_device(options)
        job.step(0, len(photos), "loading the models")
        processor = AutoProcessor.from_pretrained(options["detector"])
        detector = AutoModelForZeroShotObjectDetection.from_pretrained(options["detector"]).to(device).eval()
        cutter = Sam2Processor.from_pretrained(options["segmenter"])
        segmenter = Sam2Model.from_pretrained(options["segmenter"]).to(device).eval()
        # Categories end with a full stop for this detector.
        text = " ".join(f"{p}." for p in prompts)
        found = []
        for i, p in enumerate(photos):
            job.step(i, len(photos), "inference")
            image = Image.open(p["file"]).convert("RGB")
            inputs = processor(images=image, text=text, return_tensors="pt").to(device)
            with torch.no_grad():
                outputs = detector(**inputs)
            boxes = processor.post_process_grounded_object_detection(
                outputs, inputs.input_ids, threshold=float(options["threshold"]),
                text_threshold=float(options["text-threshold"]), target_sizes=[image.size[::-1]],
            )[0]
            labels = boxes.get("text_labels", boxes["labels"])
            kept = [k for k, label in enumerate(labels) if category(label, prompts)]
            things = []
            if kept:
                corners = boxes["boxes"][kept].float().cpu()
                inputs = cutter(images=image, input_boxes=[corners.tolist()], return_tensors="pt").to(device)
                with torch.no_grad():
                    outputs = segmenter(**inputs, multimask_output=False)
                masks = cutter.post_process_masks(outputs.pred_masks.cpu(), inputs["original_sizes"])[0]
                for k, m in zip(kept, masks[:, 0].numpy()):
                    label = category(labels[k], prompts)
                    things.append(protocol.mask(label, float(boxes["scores"][k]), m))
            found.append(things)
        return found


def category(said, prompts):
    """The category that a detector's words mean; it repeats parts of the prompt."""
    said = said.strip().lower()
    exact = [p for p in prompts if p == said]
    inside = [p for p in prompts if said and (p in said or said in p)]
    return (exact or inside or [None])[0]


if __name__ == "__main__":
    protocol.main(GroundedSam2())
