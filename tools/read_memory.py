#!/usr/bin/env python3
"""Read a stored memory with Python's standard library alone, and print what it holds as JSON.

    python3 tools/read_memory.py kitchen.mem

With numpy and safetensors it is shorter (spec/memory-format.md); this shows that nothing else is needed, and is what
the tests run. It reads tensors by their own headers, groups points by instance, measures the distance between the
closest points of two instances by the stored trees (the shape of a tree follows from its number of points), and
counts the cells of the floor.
"""

import json
import math
import mmap
import pathlib
import sys

TYPES = {"F32": "f", "U32": "I", "U64": "Q", "U8": "B"}
LEAF = 32


class Tensors:
    """The tensors of a safetensors file, mapped."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        length = int.from_bytes(self.data[:8], "little")
        self.header = json.loads(bytes(self.data[8 : 8 + length]))
        self.start = 8 + length

    def __getitem__(self, name):
        """The flat values of a tensor."""
        entry = self.header[name]
        begin, end = entry["data_offsets"]
        return self.data[self.start + begin : self.start + end].cast(TYPES[entry["dtype"]])


class Memory:
    """A stored memory."""

    def __init__(self, root):
        root = pathlib.Path(root)
        self.manifest = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
        points = Tensors(root / "points.safetensors")
        self.positions = points["positions"]
        self.confidence = points["confidence"]
        self.instance = points["instance"]
        self.colors = points["colors"]
        index = Tensors(root / "index.safetensors")
        self.groups = index["groups"]
        self.nodes = index["nodes"]
        self.floor = index["floor"]
        # Where the nodes of each group begin.
        self.first = [0]
        for group in range(len(self.groups) - 1):
            self.first.append(self.first[-1] + max(0, 2 * self.leaves(group) - 1))

    def leaves(self, group):
        return -(-(self.groups[group + 1] - self.groups[group]) // LEAF)

    def point(self, row):
        return self.positions[3 * row : 3 * row + 3]

    def box(self, node):
        return self.nodes[6 * node : 6 * node + 6]

    def children(self, node):
        """A node is (group, place among the group's nodes, first leaf, number of leaves)."""
        group, at, leaf, leaves = node
        if leaves == 1:
            return None
        left = -(-leaves // 2)
        return (group, at + 1, leaf, left), (group, at + 2 * left, leaf + left, leaves - left)

    def rows(self, node):
        group, _, leaf, leaves = node
        start, end = self.groups[group], self.groups[group + 1]
        return range(start + leaf * LEAF, min(start + (leaf + leaves) * LEAF, end))

    def gap(self, a, b):
        """Squared distance of the boxes of two nodes."""
        p, q = self.box(self.first[a[0]] + a[1]), self.box(self.first[b[0]] + b[1])
        return sum(max(q[k] - p[k + 3], p[k] - q[k + 3], 0.0) ** 2 for k in range(3))

    def distance(self, a, b):
        """Distance between the closest points of two instances."""
        best = math.inf
        roots = [(g, 0, 0, self.leaves(g)) for g in (a, b)]
        stack = [(self.gap(*roots), *roots)]
        while stack:
            bound, x, y = stack.pop()
            if bound >= best:
                continue
            parts = [self.children(x), self.children(y)]
            if parts == [None, None]:
                for i in self.rows(x):
                    p = self.point(i)
                    for j in self.rows(y):
                        q = self.point(j)
                        best = min(best, sum((p[k] - q[k]) ** 2 for k in range(3)))
                continue
            if parts[0] and (not parts[1] or x[3] >= y[3]):
                pairs = [(child, y) for child in parts[0]]
            else:
                pairs = [(x, child) for child in parts[1]]
            stack += sorted(((self.gap(*p), *p) for p in pairs), key=lambda s: -s[0])
        return math.sqrt(best)


def check(memory):
    """Whether every leaf's box is the tight one of its points, and every point is in its group."""
    for group in range(len(memory.groups) - 1):
        leaves = memory.leaves(group)
        stack = [(group, 0, 0, leaves)] if leaves else []
        while stack:
            node = stack.pop()
            rows = memory.rows(node)
            points = [memory.point(r) for r in rows]
            tight = [min(p[k] for p in points) for k in range(3)]
            tight += [max(p[k] for p in points) for k in range(3)]
            if list(memory.box(memory.first[group] + node[1])) != tight:
                return f"node {node} of group {group} is not tight"
            if any(memory.instance[r] != group for r in rows):
                return f"node {node} has points of another group"
            stack += memory.children(node) or []
    return None


def main():
    memory = Memory(sys.argv[1])
    m = memory.manifest
    groups = memory.groups
    found = {
        "name": m["name"],
        "points": len(memory.confidence),
        "of": {str(g): groups[g + 1] - groups[g] for g in range(len(groups) - 1)},
        "categories": {c["name"]: c["instances"] for c in m["categories"]},
        "lowest": [min(memory.positions[k::3]) for k in range(3)] if memory.positions else None,
        "colors": sum(memory.colors),
        "confidence": math.fsum(memory.confidence),
        "floor": [bytes(memory.floor).count(state) for state in range(3)],
        "fault": check(memory),
    }
    if len(groups) > 3 and groups[1] < groups[2] < groups[3]:
        found["distance"] = memory.distance(1, 2)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
