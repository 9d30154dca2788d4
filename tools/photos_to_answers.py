#!/usr/bin/env python3
"""Photos alone to answers: generated rooms through COLMAP, scored against their exact memories.

    tools/photos_to_answers.py OUT SEED… [--reasmory BIN] [--photos 40] [--size 640x480] [--frontend colmap]

For each seed: photos of the room, a memory built from them with the frontend and exact masks, its scale from one known
length (the height of the door, else the longest side of the largest thing that is there once), and the questions of the
exact memory with photos renumbered by name. A question about a photo that was not placed keeps a number that is not
there. What is there already is kept, so a run that was stopped goes on. Scores: OUT/run/report.md; of the exact memories
OUT/oracle/report.md.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path


def room(cli, out, seed, photos, size, frontend):
    """Photos, memory and questions of one room: its questions, and what its frontend said."""
    made = out / f"room{seed}"
    if not (made / "exact.mem").is_dir():
        cli("synth", "room", "--seed", seed, "--full", "--photos", photos, "--size", size,
            "--record", made / "rec", "-o", made / "exact.mem")
    name = json.loads((made / "exact.truth.json").read_text())["name"]
    built = out / "built" / f"{name}.mem"
    if not built.is_dir():
        raw = made / "raw.mem"
        if not raw.is_dir():
            extra = ["--set", "camera=SIMPLE_PINHOLE"] if frontend == "colmap" else []
            cli("build", made / "rec" / "color", "-o", raw, "--frontend", frontend,
                "--ground", "masks", "--masks", made / "rec" / "masks", *extra)
        cli("scene", "calibrate", raw, "-o", built, *known(made / "exact.mem", raw))
    if not (made / "q" / "questions.jsonl").is_file():
        cli("synth", "questions", "--seed", seed, "--rooms", 1, "--full", "--each", 4,
            "--photos", photos, "--size", size, "-o", made / "q")
    scenes = out / "scenes"
    scenes.mkdir(parents=True, exist_ok=True)
    if not (scenes / f"{name}.mem").exists():
        (scenes / f"{name}.mem").symlink_to((made / "q" / "scenes" / f"{name}.mem").resolve())
    manifest = json.loads((built / "manifest.json").read_text())
    number = {p["name"]: i for i, p in enumerate(manifest["photos"], 1)}
    asked = []
    for line in (made / "q" / "questions.jsonl").read_text().splitlines():
        row = json.loads(line)
        row["id"] = f"{seed}-{row['id']}"
        asked.append((row, dict(row, question=renumbered(row["question"], number))))
    print(f"{name}: {len(number)} of {photos} photos, {len(manifest['instances'])} instances", flush=True)
    return asked


def renumbered(question, number):
    """A question with the numbers of its photos as the built memory has them."""
    def new(m):
        return f"photo {number.get(f'{int(m[1]):04}.png', 999)}"
    return re.sub(r"photo (\d+)", new, question)


def known(exact, raw):
    """One known length: options of `scene calibrate`."""
    exact, raw = (json.loads((m / "manifest.json").read_text())["instances"] for m in (exact, raw))

    def once(all_, category):
        return [i for i in all_ if i["category"] == category]

    def lengths(i):
        return sorted(i["box"]["lengths"])

    if len(once(exact, "door")) == 1 and len(once(raw, "door")) == 1:
        box = once(exact, "door")[0]["box"]
        up = max(range(3), key=lambda k: abs(box["axes"][k][2]))
        return ["--metres", box["lengths"][up], "--height-of", "door"]
    both = [i for i in exact if len(once(exact, i["category"])) == len(once(raw, i["category"])) == 1]
    largest = max(both, key=lambda i: lengths(i)[2])
    return ["--metres", lengths(largest)[2], "--longest-side-of", largest["category"]]


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    args.add_argument("out", type=Path)
    args.add_argument("seed", type=int, nargs="+")
    args.add_argument("--reasmory", default="reasmory")
    args.add_argument("--photos", type=int, default=40)
    args.add_argument("--size", default="640x480")
    args.add_argument("--frontend", default="colmap")
    a = args.parse_args()

    def cli(*words):
        done = subprocess.run([a.reasmory, *map(str, words)], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")

    (a.out / "built").mkdir(parents=True, exist_ok=True)
    asked = [q for s in a.seed for q in room(cli, a.out, s, a.photos, a.size, a.frontend)]
    for file, which in [("exact.jsonl", 0), ("questions.jsonl", 1)]:
        (a.out / file).write_text("".join(json.dumps(q[which]) + "\n" for q in asked))
    cli("eval", "jsonl", "--questions", a.out / "exact.jsonl", "--scenes", a.out / "scenes",
        "--out", a.out / "oracle")
    cli("eval", "jsonl", "--questions", a.out / "questions.jsonl", "--scenes", a.out / "scenes",
        "--memory", a.out / "built", "--out", a.out / "run")
    print((a.out / "run" / "report.md").read_text().split("## Less")[0])


if __name__ == "__main__":
    main()
