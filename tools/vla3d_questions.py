#!/usr/bin/env python3
"""Questions in words from the labelled relations of VLA-3D scenes, with the labels as truths.

    tools/vla3d_questions.py SCENE_DIR… > questions.jsonl

A scene is a folder with NAME_object_result.csv and NAME_scene_graph.json (github.com/HaochenZ11/VLA-3D). Every labelled
relation is asked, and so is what it rules out: the pair the other way round for `on`, `in`, `above`, `below` and the
order of distances, the middle and an end exchanged for `between`. The memory of a scene is made by

    reasmory import NAME_object_result.csv -o scenes/NAME.mem
    reasmory eval jsonl --questions questions.jsonl --scenes scenes
"""

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path


def names(path):
    """What each object is called in a question: its label, with its number where there are several."""
    with open(path, newline="", encoding="utf-8") as f:
        rows = [(r["object_id"], r["raw_label"].strip().lower()) for r in csv.DictReader(f)]
    like = defaultdict(list)
    for i, label in rows:
        like[label].append(i)
    return {
        i: (label, label if len(like[label]) == 1 else f"{label} {like[label].index(i) + 1}")
        for i, label in rows
    }


def relations(graph, name):
    """Family, question, and whether it is so."""
    r = graph["relationships"]
    for family, words in [("on", "on"), ("in", "inside"), ("above", "above"), ("below", "below")]:
        for anchor, targets in r[family].items():
            for t in targets:
                yield family, f"Is the {name(t)} {words} the {name(anchor)}?", True
                yield family, f"Is the {name(anchor)} {words} the {name(t)}?", False
    for anchor, targets in r["near"].items():
        for t in targets:
            yield "near", f"Is the {name(t)} near the {name(anchor)}?", True
    for target, pairs in r["between"].items():
        for a, b in pairs:
            yield "between", f"Is the {name(target)} between the {name(a)} and the {name(b)}?", True
            yield "between", f"Is the {name(a)} between the {name(target)} and the {name(b)}?", False
    for first, second, word in [
        ("closest", "second_closest", "closer to"),
        ("second_closest", "third_closest", "closer to"),
        ("farthest", "second_farthest", "farther from"),
        ("second_farthest", "third_farthest", "farther from"),
    ]:
        for anchor, targets in r[first].items():
            for t in targets:
                for u in r[second].get(anchor, []):
                    if name(t, True) == name(u, True):
                        family = word.split()[0]
                        yield family, f"Is the {name(t)} {word} the {name(anchor)} than the {name(u)}?", True
                        yield family, f"Is the {name(u)} {word} the {name(anchor)} than the {name(t)}?", False


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    number = 0
    for folder in map(Path, sys.argv[1:]):
        scene = folder.name
        called = names(folder / f"{scene}_object_result.csv")

        def name(i, label=False):
            return called[i][0 if label else 1]

        seen = set()
        graph = json.loads((folder / f"{scene}_scene_graph.json").read_text(encoding="utf-8"))
        for region in graph["regions"].values():
            for family, question, holds in relations(region, name):
                # Labels are often there from both ends.
                if question in seen:
                    continue
                seen.add(question)
                number += 1
                row = {
                    "id": f"v{number:04}",
                    "scene": scene,
                    "type": f"vla3d_{family}",
                    "question": question,
                    "options": ["A. Yes", "B. No"],
                    "answer": "A" if holds else "B",
                }
                print(json.dumps(row))


if __name__ == "__main__":
    main()
