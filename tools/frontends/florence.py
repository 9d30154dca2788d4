"""Florence-2 by Hugging Face's transformers as a grounding frontend: boxes for prompts, or for all it names.

Not run with real weights by this project; the self test runs a stub. Florence states no scores: `--set score` is
taken for all.
"""

import protocol


class Florence(protocol.Adapter):
    name = "florence"
    version = "1"
    options = {"model": "florence-community/Florence-2-large-ft", "device": "", "score": "0.6"}

    def ground(self, photos, prompts, options, job):
        from PIL import Image
        from transformers import AutoProcessor, Florence2ForConditionalGeneration

        torch, device = protocol.torch_and_device(options)
        job.step(0, len(photos), "loading the model")
        processor = AutoProcessor.from_pretrained(options["model"])
        model = Florence2ForConditionalGeneration.from_pretrained(options["model"]).to(device).eval()
        found = []
        for i, p in enumerate(photos):
            job.step(i, len(photos), "inference")
            image = Image.open(p["file"]).convert("RGB")
            things = []
            for label, task in [(q, "<OPEN_VOCABULARY_DETECTION>") for q in prompts] or [(None, "<OD>")]:
                inputs = processor(text=task + (label or ""), images=image, return_tensors="pt").to(device)
                with torch.no_grad():
                    ids = model.generate(**inputs, max_new_tokens=1024, num_beams=3, do_sample=False)
                text = processor.batch_decode(ids, skip_special_tokens=False)[0]
                answer = processor.post_process_generation(text, task=task, image_size=image.size)[task]
                names = answer.get("labels") or answer.get("bboxes_labels") or []
                for b, name in zip(answer["bboxes"], names):
                    if b[0] < b[2] and b[1] < b[3]:
                        things.append(protocol.box(label or name, float(options["score"]), *b))
            found.append(things)
        return found


if __name__ == "__main__":
    protocol.main(Florence())
