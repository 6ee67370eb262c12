"""Both coverages of many organisations at once, by scipy's sparse products, and the best k by the exact core.

Run by scipy.go: reads matrices from a directory, writes the lists and the CPU seconds that finding them took.
"""

import json
import os
import resource
import sys

import numpy as np
from scipy import sparse

FULL = 65280
ROWS = 256  # a product is about a third dense, so it is made a few rows at a time


def matrix(directory, name, shape):
    """A CSR matrix out of three files of int64."""
    pointers, columns, values = (
        np.fromfile(os.path.join(directory, f"{name}.{part}"), dtype=np.int64) for part in ("pointers", "columns", "values")
    )
    return sparse.csr_matrix((values, columns, pointers), shape=shape)


def root(values):
    """Integer square roots; a float64 is exact far beyond these numbers."""
    return np.sqrt(values.astype(np.float64)).astype(np.int64)


def best(tier, core, index, k):
    """The first k by tier, core and index, each in one integer."""
    key = (tier << 60) + ((FULL - core) << 32) + index
    if len(key) > k:
        key = np.partition(key, k - 1)[:k]
    key.sort()
    return [[int(x & 0xFFFFFFFF), int(x >> 60), int(FULL - ((x >> 32) & 0xFFFFFFF))] for x in key]


def main(directory):
    with open(os.path.join(directory, "task.json")) as file:
        task = json.load(file)
    codes, queries, others, k = task["codes"], task["queries"], task["others"], task["k"]
    needs = matrix(directory, "needs", (queries, codes))
    offers = matrix(directory, "offers", (queries, codes))
    their_needs = matrix(directory, "their-needs", (others, codes))
    their_offers = matrix(directory, "their-offers", (others, codes))
    raw = np.arange(task["most"] + 1, dtype=np.int64)
    phi = root(FULL * FULL * raw // (raw + task["halfway"]))

    lists = []
    before = resource.getrusage(resource.RUSAGE_SELF)
    answering, asking = their_offers.T.tocsr(), their_needs.T.tocsr()
    for start in range(0, queries, ROWS):
        f = needs[start : start + ROWS] @ answering
        g = offers[start : start + ROWS] @ asking
        f.data, g.data = phi[f.data], phi[g.data]
        both = f.multiply(g).tocsr()
        both.data = root(both.data)
        for row in range(both.shape[0]):
            part = slice(both.indptr[row], both.indptr[row + 1])
            index, core = both.indices[part].astype(np.int64), both.data[part]
            tier = np.ones_like(index)
            if len(index) < k:
                alone = np.zeros(others, dtype=np.int64)
                for one in (f, g):
                    columns = slice(one.indptr[row], one.indptr[row + 1])
                    alone[one.indices[columns]] = one.data[columns]
                alone[index] = 0
                rest = np.flatnonzero(alone)
                index = np.concatenate([index, rest])
                core = np.concatenate([core, alone[rest] // task["one_sided"]])
                tier = np.concatenate([tier, np.full_like(rest, 2)])
            lists.append(best(tier, core, index, k))
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open(os.path.join(directory, "answer.json"), "w") as file:
        json.dump({"cpu": spent, "lists": lists}, file)


main(sys.argv[1])
