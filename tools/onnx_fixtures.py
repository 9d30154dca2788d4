"""Makes the small ONNX models of crates/onnx/tests/models, and what they give by other people's code.

    pip install onnx onnxruntime numpy opencv-python-headless pillow
    python tools/onnx_fixtures.py crates/onnx/tests/models

The models' weights are random: they find nothing, but whatever they give must be the same here and there. The picture
is resized by OpenCV or Pillow, the models are run by ONNX Runtime's own Python package, and what comes out is read with
NumPy and OpenCV. `cargo test -p reasmory_onnx` compares.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

RNG = np.random.default_rng(5)
WIDTH, HEIGHT = 40, 30
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
CLASSES = ["chair", "table", "lamp"]


def picture():
    """Soft blobs of random colours: what neighbouring pixels say differs, but not wildly."""
    coarse = RNG.uniform(0, 255, (6, 8, 3)).astype(np.float32)
    fine = RNG.uniform(-30, 30, (HEIGHT, WIDTH, 3))
    return np.clip(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) + fine, 0, 255).astype(np.uint8)


def weights(name, shape, spread=0.5):
    return numpy_helper.from_array(RNG.normal(0, spread, shape).astype(np.float32), name)


def model(path, nodes, outputs, initializers, shape):
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs],
        initializers,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(made)
    path.write_bytes(made.SerializeToString())


def depth_model(path):
    """A smooth positive map of the picture's size."""
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Softplus", ["a"], ["depth"]),
    ]
    model(path, nodes, [("depth", [1, 1, "h", "w"])], [weights("w", (1, 3, 3, 3))], [1, 3, "h", "w"])


def pooled(k, shape, channels):
    """Nodes from a picture to `channels` numbers for each cell of a grid."""
    return [
        helper.make_node("AveragePool", ["image"], ["p"], kernel_shape=[k, k], strides=[k, k]),
        helper.make_node("Conv", ["p", "w"], ["c"], kernel_shape=[1, 1]),
        helper.make_node("Reshape", ["c", "shape"], ["flat"]),
    ], [weights("w", (channels, 3, 1, 1), 3.0), numpy_helper.from_array(np.array(shape, np.int64), "shape")]


def boxes_model(path, side, cells, prototypes):
    """One tensor of columns, boxes in pixels, probabilities, coefficients; and prototypes: as YOLOv8-seg's."""
    n = cells * cells
    nodes, init = pooled(side // cells, [1, len(CLASSES) + prototypes, n], len(CLASSES) + prototypes)
    x = np.tile(np.arange(cells), cells) * side / cells + side / cells / 2
    y = np.repeat(np.arange(cells), cells) * side / cells + side / cells / 2
    wh = RNG.uniform(10, 26, (2, n))
    boxes = np.stack([x, y, *wh])[None].astype(np.float32)
    init += [
        numpy_helper.from_array(boxes, "boxes"),
        numpy_helper.from_array(np.array([len(CLASSES), prototypes], np.int64), "split"),
        weights("wp", (prototypes, 3, 1, 1), 1.0),
    ]
    # About nothing in the mean, so that masks have some of the pixels.
    bias = -0.5 * numpy_helper.to_array(init[-1]).sum((1, 2, 3))
    init.append(numpy_helper.from_array(bias, "bp"))
    nodes += [
        helper.make_node("Split", ["flat", "split"], ["logits", "coefficients"], axis=1),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
        helper.make_node("Concat", ["boxes", "scores", "coefficients"], ["output0"], axis=1),
        helper.make_node("AveragePool", ["image"], ["p4"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Conv", ["p4", "wp", "bp"], ["output1"], kernel_shape=[1, 1]),
    ]
    outputs = [("output0", [1, 4 + len(CLASSES) + prototypes, n]), ("output1", [1, prototypes, side // 4, side // 4])]
    model(path, nodes, outputs, init, [1, 3, side, side])


def detr_model(path, w, h):
    """Boxes in parts of the picture, logits with a class for nothing: as DETR's."""
    nodes, init = pooled(8, [1, 4 + len(CLASSES) + 1, (w // 8) * (h // 8)], 4 + len(CLASSES) + 1)
    init.append(numpy_helper.from_array(np.array([4, len(CLASSES) + 1], np.int64), "split"))
    nodes += [
        helper.make_node("Transpose", ["flat"], ["rows"], perm=[0, 2, 1]),
        helper.make_node("Split", ["rows", "split"], ["raw", "logits"], axis=2),
        helper.make_node("Sigmoid", ["raw"], ["pred_boxes"]),
    ]
    n = (w // 8) * (h // 8)
    model(path, nodes, [("logits", [1, n, len(CLASSES) + 1]), ("pred_boxes", [1, n, 4])], init, [1, 3, h, w])


def classes_model(path):
    """Logits of half the picture's size."""
    nodes = [
        helper.make_node("AveragePool", ["image"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["p", "w"], ["logits"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    ]
    model(path, nodes, [("logits", [1, len(CLASSES) + 1, "h", "w"])], [weights("w", (len(CLASSES) + 1, 3, 3, 3), 2.0)],
          [1, 3, "H", "W"])


def resize(image, size, kernel):
    """OpenCV's or Pillow's, on floats."""
    f = image.astype(np.float32)
    if kernel.startswith("pillow-"):
        how = {"pillow-bilinear": Image.Resampling.BILINEAR, "pillow-bicubic": Image.Resampling.BICUBIC}[kernel]
        channels = [np.asarray(Image.fromarray(f[..., c], "F").resize(size, how)) for c in range(3)]
        return np.stack(channels, -1)
    how = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}[kernel]
    return cv2.resize(f, size, interpolation=how)


def tensor(image, i):
    """The input of a sidecar's `input`, and where the picture lies in it."""
    h, w = image.shape[:2]
    size = i["size"]
    if isinstance(size, dict):
        s = size["shorter"] / min(w, h) if "shorter" in size else size["longer"] / max(w, h)
        m = size.get("multiple", 1)
        size = [round(w * s / m) * m, round(h * s / m) * m]
    inside, offset = list(size), (0, 0)
    if i.get("fit") == "letterbox":
        s = min(size[0] / w, size[1] / h)
        inside = [round(w * s), round(h * s)]
        offset = ((size[0] - inside[0]) // 2, (size[1] - inside[1]) // 2)
    small = resize(image, inside, i.get("resample", "bilinear"))
    whole = np.full((size[1], size[0], 3), i.get("pad", 114) if i.get("fit") == "letterbox" else 0, np.float32)
    whole[offset[1] : offset[1] + inside[1], offset[0] : offset[0] + inside[0]] = small
    if i.get("channels") == "bgr":
        whole = whole[..., ::-1]
    whole = (whole * i.get("scale", 1 / 255) - np.array(i.get("mean", [0] * 3))) / np.array(i.get("std", [1] * 3))
    t = whole.astype(np.float32)[None]
    return (t if i.get("layout") == "nhwc" else t.transpose(0, 3, 1, 2)), (offset, inside, size)


def iou(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    area = lambda r: (r[2] - r[0]) * (r[3] - r[1])
    return w * h / (area(a) + area(b) - w * h)


def read_boxes(o, out, placed, prototypes=None):
    (ox, oy), (iw, ih), (sw, sh) = placed
    rows = out[o["boxes"]][0]
    scores = out[o.get("scores", o["boxes"])][0]
    if o.get("order") == "columns":
        rows, scores = rows.T, scores.T
    first = 4 if o.get("scores", o["boxes"]) == o["boxes"] else 0
    logits = scores[:, first : first + len(CLASSES) + (o["meaning"] == "softmax")]
    if o["meaning"] == "softmax":
        e = np.exp(logits - logits.max(1, keepdims=True))
        p = e / e.sum(1, keepdims=True)
    else:
        p = logits if o["meaning"] == "probability" else 1 / (1 + np.exp(-logits))
    p = p[:, : len(CLASSES)]
    all = []
    for k in range(len(rows)):
        c = int(p[k].argmax())
        if p[k, c] < o.get("threshold", 0.25):
            continue
        b = rows[k, :4].astype(np.float64)
        if o["corners"] == "cxcywh":
            b = np.array([b[0] - b[2] / 2, b[1] - b[3] / 2, b[0] + b[2] / 2, b[1] + b[3] / 2])
        if o["unit"] == "fractions":
            b = b * [sw, sh, sw, sh]
        b = (b - [ox, oy, ox, oy]) * [WIDTH / iw, HEIGHT / ih, WIDTH / iw, HEIGHT / ih]
        b = np.clip(b, 0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
        if b[2] - b[0] >= 0.5 and b[3] - b[1] >= 0.5:
            all.append((c, float(p[k, c]), b, k))
    all.sort(key=lambda f: -f[1])
    kept = []
    for f in all:
        if "overlap" not in o or not any(g[0] == f[0] and iou(g[2], f[2]) > o["overlap"] for g in kept):
            kept.append(f)
    found = []
    for c, s, b, k in kept:
        item = {"class": c, "score": s, "box": b.tolist()}
        if prototypes is not None:
            logit = np.tensordot(rows[k, 4 + len(CLASSES) :], prototypes[0], 1)
            ph, pw = logit.shape
            cut = logit[oy * ph // sh : (oy + ih) * ph // sh, ox * pw // sw : (ox + iw) * pw // sw]
            mask = cv2.resize(cut, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR) > 0
            x, y = np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5
            mask &= ((x >= b[0]) & (x < b[2]))[None] & ((y >= b[1]) & (y < b[3]))[:, None]
            item["pixels"] = int(mask.sum())
            item["moment"] = [int((mask * np.arange(WIDTH)).sum()), int((mask.T * np.arange(HEIGHT)).sum())]
        found.append(item)
    return found


def read_classes(o, names, logits):
    logits = np.stack([cv2.resize(c, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR) for c in logits[0]])
    e = np.exp(logits - logits.max(0))
    p, c = (e / e.sum(0)).max(0), logits.argmax(0)
    found = []
    for k, name in enumerate(names):
        if name in o["stuff"]:
            continue
        n, pieces = cv2.connectedComponents(((c == k) & (p >= o["threshold"])).astype(np.uint8), connectivity=4)
        for i in range(1, n):
            m = pieces == i
            if m.sum() >= np.ceil(o["least"] * WIDTH * HEIGHT):
                ys, xs = np.nonzero(m)
                box = [int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1]
                moment = [int(xs.sum()), int(ys.sum())]
                found.append({"class": k, "score": float(p[m].mean()), "box": box, "pixels": int(m.sum()),
                              "moment": moment})
    return found


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    image = picture()
    Image.fromarray(image).save(out / "picture.png")
    normal = {"mean": MEAN, "std": STD}
    depth_model(out / "depth.onnx")
    boxes_model(out / "boxes.onnx", 64, 8, 4)
    detr_model(out / "detr.onnx", 48, 32)
    classes_model(out / "classes.onnx")
    names = ["wall", *CLASSES]
    sidecars = {
        "depth": {
            "input": {"size": {"shorter": 28, "multiple": 14}, "resample": "bicubic", **normal},
            "output": {"kind": "depth", "name": "depth", "meaning": "inverse"},
        },
        "boxes": {
            "input": {"size": [64, 64], "fit": "letterbox", "pad": 114, "resample": "bilinear"},
            "output": {"kind": "boxes", "boxes": "output0", "order": "columns", "corners": "cxcywh", "unit": "pixels",
                       "meaning": "probability", "threshold": 0.6, "overlap": 0.3, "masks": "output1"},
            "classes": CLASSES,
        },
        "detr": {
            "input": {"size": [48, 32], "resample": "pillow-bilinear", "channels": "bgr", "scale": 1,
                      "mean": [103.53, 116.28, 123.675], "std": [57, 57, 57]},
            "output": {"kind": "boxes", "boxes": "pred_boxes", "scores": "logits", "corners": "cxcywh",
                       "unit": "fractions", "meaning": "softmax", "threshold": 0.5},
            "classes": CLASSES,
        },
        "classes": {
            "input": {"size": {"longer": 24, "multiple": 2}, "resample": "pillow-bicubic", **normal},
            "output": {"kind": "classes", "name": "logits", "threshold": 0.4, "stuff": ["wall"], "least": 0.01},
            "classes": names,
        },
    }
    expected = {"onnxruntime": onnxruntime.__version__, "opencv": cv2.__version__}
    for name, s in sidecars.items():
        path = out / f"{name}.onnx"
        (out / f"{name}.onnx.json").write_text(json.dumps({"schema": 1, "name": f"tiny {name}", **s}, indent=2) + "\n")
        given, placed = tensor(image, s["input"])
        given.astype("<f4").tofile(out / f"{name}.input.f32")
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        made = dict(zip([o.name for o in session.get_outputs()], session.run(None, {"image": given})))
        o = s["output"]
        if o["kind"] == "depth":
            depth = cv2.resize(made["depth"][0, 0], (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
            depth.astype("<f4").tofile(out / "depth.output.f32")
            expected[name] = {"shape": list(given.shape)}
        elif o["kind"] == "boxes":
            found = read_boxes(o, made, placed, made.get("output1"))
            expected[name] = {"shape": list(given.shape), "found": found}
        else:
            expected[name] = {"shape": list(given.shape), "found": read_classes(o, names, made["logits"])}
    (out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
