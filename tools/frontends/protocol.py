"""The protocol of Reasmory's frontends, for Python: `spec/frontends.md` describes it.

A frontend is a file that ends with `protocol.main(Adapter())`. Only this file speaks to the host; only the adapter
knows its model. Needs Python 3.9; NumPy only where an adapter converts what its model gives. Arrays are written as
safetensors without further packages.
"""

import array
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

PROTOCOL = 1

# Adapters are named like the packages that they import: this folder must not stand before those.
_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != _HERE]


class Failed(Exception):
    """The request cannot be answered; `remedy` says what a person can do."""

    def __init__(self, message, remedy=None):
        super().__init__(message)
        self.remedy = remedy


class Cancelled(Exception):
    """The host wants no answer any more."""


class Adapter:
    """What a frontend is. Subclasses set the names and give one or both of the methods."""

    name = "adapter"
    #: Changes whenever the same request may give another result.
    version = "1"
    #: Options with their defaults; a request with others is refused.
    options = {}

    def reconstruct(self, photos, options, job):
        """Gives a `Reconstruction` of `photos`, a list of dictionaries with index, name, file, width, height."""
        raise NotImplementedError

    def ground(self, photos, prompts, options, job):
        """Gives for each photo a list of what `box()` and `mask()` make."""
        raise NotImplementedError

    def does(self):
        own = type(self)
        return [m for m in ("reconstruct", "ground") if getattr(own, m) is not getattr(Adapter, m)]


class Job:
    """Progress, log and stops, for the adapter."""

    def __init__(self, say, stopped):
        self._say, self._stopped = say, stopped

    def step(self, done, total, stage):
        if self._stopped.is_set():
            raise Cancelled()
        self._say({"type": "progress", "id": 1, "done": int(done), "total": int(total), "stage": stage})

    def log(self, text):
        self._say({"type": "log", "text": str(text)})


class Array:
    """Numbers in C order: from NumPy, or from a flat list."""

    def __init__(self, values, shape=None, dtype="F32"):
        if hasattr(values, "tobytes") and hasattr(values, "astype"):
            import numpy

            kind = {"F32": "<f4", "U8": "u1"}[dtype]
            values = numpy.ascontiguousarray(values.astype(kind))
            self.shape, self.bytes = list(values.shape), values.tobytes()
        else:
            self.shape = list(shape)
            if dtype == "U8":
                self.bytes = bytes(values)
            else:
                flat = array.array("f", values)
                if sys.byteorder == "big":
                    flat.byteswap()
                self.bytes = flat.tobytes()
        self.dtype = dtype
        count = 1
        for n in self.shape:
            count *= n
        if len(self.bytes) != count * {"F32": 4, "U8": 1}[dtype]:
            raise ValueError(f"{len(self.bytes)} bytes for the shape {self.shape} of {dtype}")


def safetensors(arrays):
    """The bytes of a safetensors file of arrays by name."""
    header, body, at = {}, [], 0
    for name, a in arrays.items():
        header[name] = {"dtype": a.dtype, "shape": a.shape, "data_offsets": [at, at + len(a.bytes)]}
        body.append(a.bytes)
        at += len(a.bytes)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    return b"".join([struct.pack("<Q", len(head)), head, *body])


class Reconstruction:
    """Cameras with depth, in the order they are added."""

    def __init__(self, metric, source, up=None):
        self.message = {
            "cameras": [],
            "points": None,
            "scale": {"kind": "metric" if metric else "relative", "source": source},
            "up": up,
            "notes": [],
        }
        self.arrays = {}

    def note(self, text):
        self.message["notes"].append(text)

    def add(self, photo, width, height, fx, fy, cx, cy, camera_to_world, depth=None, confidence=None):
        """A camera. The lens is in pixels of the depth, whose size has the photo's proportions (`to_photo`);
        `camera_to_world` is four rows, OpenCV axes; depth is z-depth in the unit of the poses, 0 for none;
        confidence is in [0, 1], 0.5 only just worth keeping."""
        index = photo["index"]
        camera = {
            "photo": index,
            "lens": {
                "width": int(width), "height": int(height),
                "fx": float(fx), "fy": float(fy), "cx": float(cx), "cy": float(cy),
            },
            "camera_to_world": [[float(x) for x in row] for row in camera_to_world],
        }
        for key, values in (("depth", depth), ("confidence", confidence)):
            if values is not None:
                name = f"{key}.{index}"
                self.arrays[name] = Array(values, [int(height), int(width)])
                camera[key] = name
        self.message["cameras"].append(camera)


def box(label, score, left, top, right, bottom):
    """A thing of which only a box is known, in pixels of the photo."""
    corners = [float(x) for x in (left, top, right, bottom)]
    return {"label": str(label), "score": min(1.0, max(0.0, float(score))), "box": corners}


def mask(label, score, values):
    """A thing by its pixels: an array (height, width) of the photo's proportions, not 0 inside."""
    return {"label": str(label), "score": min(1.0, max(0.0, float(score))), "_mask": values}


def _detections(photos, found):
    arrays, rows = {}, []
    if len(found) != len(photos):
        raise ValueError(f"{len(found)} answers for {len(photos)} photos")
    for photo, things in zip(photos, found):
        row = []
        for k, thing in enumerate(things):
            thing = dict(thing)
            if "_mask" in thing:
                name = f"mask.{photo['index']}.{k}"
                values = thing.pop("_mask")
                arrays[name] = values if isinstance(values, Array) else Array(values > 0, dtype="U8")
                thing["mask"] = name
            row.append(thing)
        rows.append({"photo": photo["index"], "found": row})
    return {"photos": rows, "notes": []}, arrays


def _serve(adapter):
    """Speaks with the host until there is nothing more to say; the exit code."""
    # Libraries print. What they print goes to the log: standard output is for messages alone.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    lock, stopped = threading.Lock(), threading.Event()

    def say(message):
        with lock:
            out.write(json.dumps(message, allow_nan=False) + "\n")
            out.flush()

    def listen(requests):
        for line in sys.stdin:
            message = json.loads(line)
            if message.get("type") in ("cancel", "bye"):
                break
            requests.append(message)
            arrived.set()
        stopped.set()
        arrived.set()

    requests, arrived = [], threading.Event()
    threading.Thread(target=listen, args=(requests,), daemon=True).start()
    arrived.wait()
    if not requests or requests[0].get("type") != "hello":
        return 1
    say({
        "type": "hello", "protocol": PROTOCOL, "name": adapter.name, "version": adapter.version,
        "does": adapter.does(),
    })
    while len(requests) < 2 and not stopped.is_set():
        arrived.clear()
        if len(requests) < 2 and not stopped.is_set():
            arrived.wait()
    if len(requests) < 2:
        return 0
    request = requests[1]
    try:
        options = dict(adapter.options)
        for key, value in request["options"].items():
            if key not in options:
                known = ", ".join(sorted(options)) or "none"
                raise Failed(f"there is no option `{key}`", f"the options are {known}")
            options[key] = value
        job = Job(say, stopped)
        if request["type"] == "reconstruct":
            result = adapter.reconstruct(request["photos"], options, job)
            answer, arrays = result.message, result.arrays
        else:
            found = adapter.ground(request["photos"], request["prompts"], options, job)
            answer, arrays = _detections(request["photos"], found)
        files = []
        if arrays:
            # To another name first: a file of this name is whole.
            path = os.path.join(request["out"], "result.safetensors")
            with open(path + ".new", "wb") as f:
                f.write(safetensors(arrays))
            os.replace(path + ".new", path)
            files = ["result.safetensors"]
        say({"type": "result", "id": 1, "files": files, **answer})
        return 0
    except Cancelled:
        return 1
    except Failed as e:
        error = {"type": "error", "id": 1, "message": str(e)}
        if e.remedy:
            error["remedy"] = e.remedy
        say(error)
        return 1
    except ImportError as e:
        say({
            "type": "error", "id": 1, "message": f"a package is missing: {e}",
            "remedy": f"pip install -r tools/frontends/requirements/{adapter.name}.txt",
        })
        return 1
    except Exception as e:  # The host wants a reason, the log the traceback.
        import traceback

        traceback.print_exc()
        say({"type": "error", "id": 1, "message": f"{type(e).__name__}: {e}"})
        return 1


# What models give, brought to what the protocol takes. NumPy arrays in and out.


def torch_and_device(options):
    """PyTorch and the device that an option names, else a GPU where there is one."""
    import torch

    device = options.get("device") or ("cuda" if torch.cuda.is_available() else "cpu")
    return torch, device


def same_size(photos):
    """The size that all photos have; models of several views take one."""
    sizes = {(p["width"], p["height"]) for p in photos}
    if len(sizes) > 1:
        raise Failed(f"the photos have {len(sizes)} sizes", "give photos of one size")
    return sizes.pop()


def multiple(width, height, longest, of):
    """A size near a photo's proportions whose sides are multiples of `of`, the longer one at most `longest`."""
    scale = longest / max(width, height)
    return tuple(max(of, int(side * scale / of + 0.5) * of) for side in (width, height))


def load_photos(photos, size):
    """Photos as an array (n, 3, height, width) in [0, 1], resized to (width, height)."""
    import numpy
    from PIL import Image

    pictures = []
    for p in photos:
        picture = Image.open(p["file"]).convert("RGB").resize(size, Image.Resampling.LANCZOS)
        pictures.append(numpy.asarray(picture, dtype=numpy.float32).transpose(2, 0, 1) / 255.0)
    return numpy.stack(pictures)


def to_photo(photo, lens, *maps):
    """Maps over a photo that was resized to their size, at a size with the photo's proportions: rows are repeated
    or left out. `lens` is (fx, fy, cx, cy) in pixels of the maps; gives the size, the lens and the maps."""
    import numpy

    rows, columns = maps[0].shape
    height = max(1, round(columns * photo["height"] / photo["width"]))
    take = ((numpy.arange(height) + 0.5) * rows / height).astype(int)
    fx, fy, cx, cy = lens
    scaled = (fx, fy * height / rows, cx, cy * height / rows)
    return (columns, height), scaled, [m[take] for m in maps]


def uncropped(photo, lens, *maps):
    """Maps of the middle of a photo that was scaled to cover their size and cut: back in the whole photo, with
    nothing outside. As `to_photo` else."""
    import numpy

    rows, columns = maps[0].shape
    scale = max(columns / photo["width"], rows / photo["height"])
    width = max(columns, round(photo["width"] * scale))
    height = max(rows, round(photo["height"] * scale))
    left, top = (width - columns) // 2, (height - rows) // 2
    whole = []
    for m in maps:
        w = numpy.zeros((height, width), dtype=m.dtype)
        w[top : top + rows, left : left + columns] = m
        whole.append(w)
    fx, fy, cx, cy = lens
    return (width, height), (fx, fy, cx + left, cy + top), whole


def inverse(world_to_camera):
    """Camera to world, four rows, of three or four rows of world to camera; made exactly rigid."""
    import numpy

    m = numpy.eye(4)
    m[: len(world_to_camera)] = world_to_camera
    return rigid(numpy.linalg.inv(m))


def rigid(camera_to_world):
    """The nearest rigid matrix: half-precision models give rotations that are off by a thousandth."""
    import numpy

    m = numpy.array(camera_to_world, dtype=float)
    u, _, v = numpy.linalg.svd(m[:3, :3])
    u[:, 2] *= numpy.sign(numpy.linalg.det(u @ v))
    m[:3, :3] = u @ v
    m[3] = (0, 0, 0, 1)
    return m


def unit_confidence(values, threshold):
    """Confidence of any positive scale in [0, 1], `threshold` becoming 0.5."""
    import numpy

    values = numpy.clip(numpy.nan_to_num(values, nan=0.0, posinf=1e9), 0.0, None)
    return values / (values + max(float(threshold), 1e-9))


def focal_of(points):
    """Focal lengths (fx, fy) of camera points (height, width, 3) seen by a pinhole in the middle: least squares."""
    import numpy

    rows, columns = points.shape[:2]
    z = points[..., 2]
    good = numpy.isfinite(points).all(axis=-1) & (z > 1e-6)
    if good.sum() < 16:
        raise Failed("the model gave no points for a photo", "leave the photo out")
    u = numpy.broadcast_to(numpy.arange(columns) + 0.5 - columns / 2, (rows, columns))[good]
    v = numpy.broadcast_to((numpy.arange(rows) + 0.5 - rows / 2)[:, None], (rows, columns))[good]
    x, y = points[..., 0][good] / z[good], points[..., 1][good] / z[good]
    return float((u * x).sum() / (x * x).sum()), float((v * y).sum() / (y * y).sum())


class Stub(Adapter):
    """Stands for an adapter's model: walls two metres away, a box in the middle. It tests everything but the
    model."""

    def __init__(self, adapter):
        self.name, self.version, self.options = adapter.name + "-stub", "1", adapter.options
        self._does = adapter.does()

    def does(self):
        return self._does

    def reconstruct(self, photos, options, job):
        r = Reconstruction(True, "a stub")
        r.note("Nothing was looked at: this is the self test's stand-in for a model.")
        for k, p in enumerate(photos):
            job.step(k, len(photos), "stub")
            w = 32
            h = max(1, round(w * p["height"] / p["width"]))
            pose = [[0, 0, 1, 0], [-1, 0, 0, 0.05 * k], [0, -1, 0, 1.5], [0, 0, 0, 1]]
            r.add(p, w, h, w, w, w / 2, h / 2, pose, [2.0] * (w * h), [0.9] * (w * h))
        return r

    def ground(self, photos, prompts, options, job):
        found = []
        for k, p in enumerate(photos):
            job.step(k, len(photos), "stub")
            w, h = p["width"], p["height"]
            label = prompts[0] if prompts else "thing"
            inside = Array([1 if w // 3 <= i % w < 2 * w // 3 else 0 for i in range(w * h)], [h, w], "U8")
            found.append([box(label, 0.9, w / 4, h / 4, 3 * w / 4, 3 * h / 4), mask(label, 0.8, inside)])
        return found


def _png(width, height, shade):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = [b"".join(bytes((shade, x * 7 % 256, y * 5 % 256)) for x in range(width)) for y in range(height)]
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + r for r in row))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _read_safetensors(path):
    with open(path, "rb") as f:
        data = f.read()
    (n,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + n])
    size = {"F32": 4, "U8": 1}
    for name, a in header.items():
        count = 1
        for k in a["shape"]:
            count *= k
        start, end = a["data_offsets"]
        assert end - start == count * size[a["dtype"]] and 8 + n + end <= len(data), name
    return header


def _conversation(command, request, folder):
    """All messages of a frontend that is asked once."""
    hello = {"type": "hello", "protocol": PROTOCOL, "host": "selftest"}
    lines = "".join(json.dumps(m) + "\n" for m in (hello, request))
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)
    child.stdin.write(lines)
    child.stdin.flush()
    messages = []
    for line in child.stdout:
        messages.append(json.loads(line))
        if messages[-1]["type"] in ("result", "error"):
            try:
                child.stdin.write('{"type":"bye"}\n')
                child.stdin.close()
            except BrokenPipeError:
                pass  # It has ended by itself.
    return messages, child.wait()


def _test_protocol(adapter):
    with tempfile.TemporaryDirectory() as folder:
        photos = []
        for k in range(3):
            path = os.path.join(folder, f"{k}.png")
            with open(path, "wb") as f:
                f.write(_png(64, 48, 60 * k))
            photos.append({"index": k, "name": f"{k}.png", "file": path, "width": 64, "height": 48, "time": None})
        me = [sys.executable, os.path.abspath(sys.argv[0]), "--stub"]
        for kind in adapter.does():
            out = os.path.join(folder, kind)
            os.mkdir(out)
            request = {"type": kind, "id": 1, "photos": photos, "out": out, "options": {}}
            if kind == "ground":
                request["prompts"] = ["chair"]
            messages, code = _conversation(me, request, folder)
            types = [m["type"] for m in messages]
            assert code == 0 and types[0] == "hello" and types[-1] == "result", (code, messages)
            assert "progress" in types and messages[0]["does"] == adapter.does(), messages
            answer = messages[-1]
            arrays = _read_safetensors(os.path.join(out, answer["files"][0]))
            if kind == "reconstruct":
                assert [c["photo"] for c in answer["cameras"]] == [0, 1, 2]
                for c in answer["cameras"]:
                    shape = [c["lens"]["height"], c["lens"]["width"]]
                    assert arrays[c["depth"]]["shape"] == arrays[c["confidence"]]["shape"] == shape
            else:
                for row in answer["photos"]:
                    assert row["found"][0]["label"] == "chair" and len(row["found"][0]["box"]) == 4
                    assert arrays[row["found"][1]["mask"]]["shape"] == [48, 64]
            # What is not there is refused, with a reason.
            bad = {**request, "options": {"no-such-option": "1"}}
            messages, code = _conversation(me, bad, folder)
            assert code == 1 and "no-such-option" in messages[-1]["message"], messages
        # The model itself is not there, or is: either way the protocol holds up to it.
        messages, _ = _conversation(me, {"type": "bye"}, folder)
        assert [m["type"] for m in messages] == ["hello"], messages


def _test_conversions():
    import numpy

    photo = {"index": 0, "name": "p", "file": "p", "width": 640, "height": 480}
    assert multiple(640, 480, 518, 14) == (518, 392)
    depth = numpy.arange(392)[:, None] * numpy.ones((1, 518))
    (w, h), lens, (d,) = to_photo(photo, (500.0, 505.0, 259.0, 196.0), depth)
    assert (w, h) == (518, 388) and d.shape == (388, 518) and abs(lens[3] - 194.0) < 0.01
    assert d[0, 0] == 0 and d[-1, 0] == 391
    (w, h), lens, (d,) = uncropped(photo, (400.0, 400.0, 150.0, 100.0), numpy.ones((200, 300)))
    assert (w, h) == (300, 225) and d.sum() == 60000 and lens[3] == 112.0
    turn = numpy.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]])
    m = inverse(numpy.hstack([turn * 1.0005, [[1.0], [2.0], [3.0]]]))
    assert numpy.allclose(m[:3, :3], turn.T, atol=1e-9) and numpy.allclose(m[:3, 3], [-2, 1, -3], atol=1e-2)
    c = unit_confidence(numpy.array([0.0, 2.0, numpy.inf, numpy.nan]), 2.0)
    assert c[0] == 0 and c[1] == 0.5 and 0.99 < c[2] <= 1 and c[3] == 0
    v, u = numpy.mgrid[0:60, 0:80] + 0.5
    z = 2 + 0.01 * u
    points = numpy.stack([(u - 40) / 70 * z, (v - 30) / 75 * z, z], axis=-1)
    fx, fy = focal_of(points)
    assert abs(fx - 70) < 1e-6 and abs(fy - 75) < 1e-6
    a = Array(numpy.ones((2, 3)))
    assert a.shape == [2, 3] and a.bytes == Array([1.0] * 6, [2, 3]).bytes


def _selftest(adapter):
    _test_protocol(adapter)
    print(f"{adapter.name}: the protocol holds with a stub model", file=sys.stderr)
    try:
        import numpy  # noqa: F401
    except ImportError:
        print(f"{adapter.name}: SKIPPED: NumPy is not installed; conversions were not tested", file=sys.stderr)
    else:
        _test_conversions()
        print(f"{adapter.name}: conversions hold", file=sys.stderr)
    print(f"{adapter.name}: the model itself was NOT run", file=sys.stderr)


def main(adapter):
    """Runs a frontend: `--selftest`, `--stub` (its stand-in instead of the model), or the model."""
    arguments = sys.argv[1:]
    if arguments == ["--selftest"]:
        _selftest(adapter)
    elif arguments == ["--stub"]:
        sys.exit(_serve(Stub(adapter)))
    elif not arguments:
        sys.exit(_serve(adapter))
    else:
        sys.exit(f"usage: {os.path.basename(sys.argv[0])} [--selftest | --stub]")
