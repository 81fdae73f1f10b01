"""The Merkle tree: the RFC's own examples, laws against its recursive definition, and a lying server."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.merkle_tree import Tree
from tracker.store.merkle import (
    EMPTY,
    Frontier,
    consistency_proof,
    inclusion_proof,
    kept,
    leaf_hash,
    node_hash,
    peaks,
    place,
    root,
    verify_consistency,
    verify_inclusion,
)

# The inputs that implementations of Certificate Transparency test with, and the roots of the first 1 to 8 of them.
INPUTS = [
    bytes.fromhex(text)
    for text in [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
VECTORS = Path(__file__).parents[3] / "shared" / "data" / "merkle" / "rfc6962_proofs.json"


def of(name: str) -> bytes:
    """A hash by its name."""
    return sha256(name.encode()).digest()


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root(0, Tree().read).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().root() == EMPTY


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_the_standard_inputs(size: int) -> None:
    tree = Tree(INPUTS)
    assert root(size, tree.read).hex() == ROOTS[size - 1]
    assert root(size, Tree(INPUTS[:size]).read).hex() == ROOTS[size - 1]


class TestTheExampleOfTheRfc:
    """Section 2.1.5: a tree of seven leaves d0 … d6, with its names for the nodes."""

    tree = Tree(bytes([number]) for number in range(7))
    a, b, c, d, e, f, j = (leaf_hash(bytes([number])) for number in range(7))
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, m = node_hash(g, h), node_hash(i, j)  # m is the RFC's l

    def test_root(self) -> None:
        assert root(7, self.tree.read) == node_hash(self.k, self.m)

    def test_inclusion(self) -> None:
        assert inclusion_proof(0, 7, self.tree.read) == [self.b, self.h, self.m]
        assert inclusion_proof(3, 7, self.tree.read) == [self.c, self.g, self.m]
        assert inclusion_proof(4, 7, self.tree.read) == [self.f, self.j, self.k]
        assert inclusion_proof(6, 7, self.tree.read) == [self.i, self.k]

    def test_consistency(self) -> None:
        assert consistency_proof(3, 7, self.tree.read) == [self.c, self.d, self.g, self.m]
        assert consistency_proof(4, 7, self.tree.read) == [self.m]
        assert consistency_proof(6, 7, self.tree.read) == [self.i, self.j, self.k]


def vectors(kind: str) -> list[Any]:
    if not VECTORS.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{VECTORS} is not there"))]
    found = json.loads(VECTORS.read_text())[kind]
    return [pytest.param(case, id=name) for name, case in found.items()]


def decoded(text: str) -> bytes:
    return b64decode(text)


@pytest.mark.parametrize("case", vectors("inclusion"))
def test_public_vectors_of_inclusion(case: dict[str, Any]) -> None:
    proof = [decoded(each) for each in case["proof"] or []]
    hash_, root_ = decoded(case["leafHash"]), decoded(case["root"])
    assert verify_inclusion(hash_, case["leafIdx"], case["treeSize"], proof, root_) is not case["wantErr"]


@pytest.mark.parametrize("case", vectors("consistency"))
def test_public_vectors_of_consistency(case: dict[str, Any]) -> None:
    proof = [decoded(each) for each in case["proof"] or []]
    roots = decoded(case["root1"]), decoded(case["root2"])
    assert verify_consistency(case["size1"], case["size2"], proof, *roots) is not case["wantErr"]


# The definitions of section 2.1, word for word.


def mth(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = cut(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def cut(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = cut(len(leaves))
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], b: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if b else [mth(leaves)]
    k = cut(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], b), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


lists = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


@settings(deadline=None)
@given(lists, st.data())
def test_law_roots_and_proofs_are_those_of_the_definition(leaves: list[bytes], data: st.DataObject) -> None:
    tree, n = Tree(leaves), len(leaves)
    size = data.draw(st.integers(1, n))
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    assert root(size, tree.read) == mth(leaves[:size])
    assert inclusion_proof(index, size, tree.read) == path(index, leaves[:size])
    assert consistency_proof(first, size, tree.read) == subproof(first, leaves[:size], True)
    assert consistency_proof(0, size, tree.read) == []


@settings(deadline=None)
@given(lists, st.data())
def test_law_true_proofs_are_believed(leaves: list[bytes], data: st.DataObject) -> None:
    tree, n = Tree(leaves), len(leaves)
    size = data.draw(st.integers(1, n))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, tree.read)
    assert verify_inclusion(leaf_hash(leaves[index]), index, size, proof, root(size, tree.read))
    proof = consistency_proof(size, n, tree.read)
    assert verify_consistency(size, n, proof, root(size, tree.read), root(n, tree.read))


@settings(deadline=None)
@given(st.integers(0, 300))
def test_law_kept_hashes_only_grow_at_the_end(size: int) -> None:
    frontier, count = Frontier(), 0
    for index in range(size):
        assert count == place(0, index)
        made = frontier.append(leaf_hash(b"%d" % index))
        assert [place(level, index >> level) for level in range(len(made))] == list(range(count, count + len(made)))
        count += len(made)
    assert count == kept(size)


@settings(deadline=None)
@given(lists, st.data())
def test_law_a_tree_goes_on_from_its_right_edge(leaves: list[bytes], data: st.DataObject) -> None:
    tree = Tree(leaves)
    size = data.draw(st.integers(0, len(leaves)))
    frontier = Frontier(size, tree.read(list(peaks((0, size)))))
    added = [hash_ for leaf in leaves[size:] for hash_ in frontier.append(leaf_hash(leaf))]
    assert tree.kept[kept(size) :] == added
    assert frontier.root() == root(tree.size, tree.read)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(index, size, Tree(INPUTS).read)


@pytest.mark.parametrize(("first", "second"), [(-1, 3), (4, 3)])
def test_a_log_does_not_grow_backwards(first: int, second: int) -> None:
    with pytest.raises(IndexError):
        consistency_proof(first, second, Tree(INPUTS).read)


# A lying server.


@settings(deadline=None)
@given(lists, st.data())
def test_law_an_inclusion_proof_with_anything_changed_is_not_believed(leaves: list[bytes], data: st.DataObject) -> None:
    tree, size = Tree(leaves), len(leaves)
    index = data.draw(st.integers(0, size - 1))
    hash_, proof, top = leaf_hash(leaves[index]), inclusion_proof(index, size, tree.read), root(size, tree.read)
    assert not verify_inclusion(flipped(hash_, data), index, size, proof, top)
    assert not verify_inclusion(hash_, index, size, proof, flipped(top, data))
    assert not verify_inclusion(hash_, index, size, [*proof, of("more")], top)
    assert not verify_inclusion(hash_, index, size, [of("more"), *proof], top)
    assert not verify_inclusion(hash_, -index - 1, size, proof, top)
    assert not verify_inclusion(hash_, size, size, proof, top)
    if proof:
        which = data.draw(st.integers(0, len(proof) - 1))
        lie = [flipped(each, data) if number == which else each for number, each in enumerate(proof)]
        assert not verify_inclusion(hash_, index, size, lie, top)
        assert not verify_inclusion(hash_, index, size, proof[:which] + proof[which + 1 :], top)
        assert not verify_inclusion(hash_, index, size, [*proof[:-1], proof[-1][:-1]], top)
    other = data.draw(st.integers(0, size - 1))
    if leaves[other] != leaves[index]:
        assert not verify_inclusion(leaf_hash(leaves[other]), index, size, proof, top)


@settings(deadline=None)
@given(st.integers(2, 70), st.data())
def test_law_a_leaf_is_not_believed_at_another_index(size: int, data: st.DataObject) -> None:
    tree = Tree(b"%d" % number for number in range(size))
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    hash_, top = leaf_hash(b"%d" % index), root(size, tree.read)
    for proof in (inclusion_proof(index, size, tree.read), inclusion_proof(other, size, tree.read)):
        assert not verify_inclusion(hash_, other, size, proof, top)


@settings(deadline=None)
@given(st.integers(2, 70), st.data())
def test_law_a_consistency_proof_with_anything_changed_is_not_believed(size: int, data: st.DataObject) -> None:
    tree = Tree(b"%d" % number for number in range(size))
    first = data.draw(st.integers(1, size - 1))
    proof, old, new = consistency_proof(first, size, tree.read), root(first, tree.read), root(size, tree.read)
    assert verify_consistency(first, size, proof, old, new)
    assert not verify_consistency(first, size, proof, flipped(old, data), new)
    assert not verify_consistency(first, size, proof, old, flipped(new, data))
    assert not verify_consistency(first, size, proof, new, old)
    assert not verify_consistency(size, first, proof, old, new)
    assert not verify_consistency(0, size, proof, old, new)
    assert not verify_consistency(first, first, proof, old, old)
    assert not verify_consistency(first, size, [*proof, of("more")], old, new)
    assert not verify_consistency(first, size, [of("more"), *proof], old, new)
    which = data.draw(st.integers(0, len(proof) - 1))
    lie = [flipped(each, data) if number == which else each for number, each in enumerate(proof)]
    assert not verify_consistency(first, size, lie, old, new)
    assert not verify_consistency(first, size, proof[:which] + proof[which + 1 :], old, new)


@settings(deadline=None)
@given(st.integers(2, 70), st.data())
def test_law_no_proof_hides_a_changed_leaf(size: int, data: st.DataObject) -> None:
    """The server changed history and makes the best proof that it can."""
    leaves = [b"%d" % number for number in range(size)]
    first = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, first - 1))
    old = root(first, Tree(leaves).read)
    forged = Tree([*leaves[:changed], b"forged", *leaves[changed + 1 :]])
    proof = consistency_proof(first, size, forged.read)
    assert not verify_consistency(first, size, proof, old, root(size, forged.read))


def test_a_node_does_not_pass_for_a_leaf() -> None:
    """Leaves and nodes are hashed apart: otherwise the two children would be a leaf of a smaller tree."""
    tree = Tree(INPUTS[:2])
    assert leaf_hash(b"".join(tree.kept[:2])) != root(2, tree.read)


def flipped(value: bytes, data: st.DataObject) -> bytes:
    """With one bit another."""
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    return (int.from_bytes(value) ^ (1 << bit)).to_bytes(len(value))
