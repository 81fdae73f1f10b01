"""A Merkle tree over a list that only grows, as RFC 9162 (section 2.1) defines it. Pure; standard library only.

The hash of each complete subtree is kept, in the order in which they become complete: each behind its two halves. So
the kept hashes are a list that only grows at its end, `place` tells where in it a hash is, and every root and proof
is made of O(log n) of them, read all at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()  # the root of no leaves
HASH_BYTES = len(EMPTY)

ReadHashes = Callable[[Sequence[int]], Sequence[bytes]]  # the kept hashes at these places, in this order
LeafSpan = tuple[int, int]  # leaves from the first up to, without, the second


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def kept(size: int) -> int:
    """The number of hashes that are kept for `size` leaves."""
    return 2 * size - size.bit_count()


def place(level: int, number: int) -> int:
    """The place of the hash of the complete subtree over leaves `number << level` to `(number + 1) << level`."""
    return kept(((number + 1) << level) - 1) + level


def peaks(span: LeafSpan) -> Iterator[int]:
    """Places of the largest complete subtrees that make up a span, from left to right.

    The span begins at a multiple of its own length rounded up to a power of two, as every one in the RFC does.
    """
    start, end = span
    while start < end:
        level = (end - start).bit_length() - 1
        yield place(level, start >> level)
        start += 1 << level


class Frontier:
    """The right edge of a tree: all that is needed to append to it."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """Resume the edge of a tree. Args: hashes: those kept at `peaks((0, size))`."""
        self.size = size
        self._peaks = list(hashes)

    def append(self, hash_: bytes) -> list[bytes]:
        """Put the hash of one more leaf at the end.

        Returns: the hashes to keep, in order; the first is that of the leaf.
        """
        made, size = [hash_], self.size
        while size & 1:
            made.append(node_hash(self._peaks.pop(), made[-1]))
            size >>= 1
        self._peaks.append(made[-1])
        self.size += 1
        return made

    def root(self) -> bytes:
        return _folded(self._peaks)


def root(size: int, read: ReadHashes) -> bytes:
    """The root of the first `size` leaves: MTH of section 2.1.1."""
    return _hashes([(0, size)], read)[0]


def inclusion_proof(index: int, size: int, read: ReadHashes) -> list[bytes]:
    """Proof (PATH of section 2.1.3.1) that a leaf is in the tree of the first `size` leaves.

    Raises: IndexError.
    """
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} is not among the first {size}")
    spans, start, end = [], 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return _hashes(spans[::-1], read)


def consistency_proof(first: int, second: int, read: ReadHashes) -> list[bytes]:
    """Proof (PROOF of section 2.1.4.1) that the tree of `second` leaves begins with that of `first`; empty for 0.

    Raises: IndexError.
    """
    if not 0 <= first <= second:
        raise IndexError(f"{first} leaves cannot grow to {second}")
    if first == 0:
        return []
    spans, start, end = [], 0, second
    while end != first:
        middle = _middle(start, end)
        if first <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:  # otherwise it is the first root, which the verifier has
        spans.append((start, end))
    return _hashes(spans[::-1], read)


def verify_inclusion(hash_: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that a leaf of this hash is in the tree of this root. Section 2.1.3.2; never raises."""
    if not 0 <= index < size or not _are_hashes(hash_, root, *proof):
        return False
    node, last, made = index, size - 1, hash_
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            made = node_hash(sibling, made)
            node, last = _raised(node, last)
        else:
            made = node_hash(made, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and made == root


def verify_consistency(first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> bool:
    """Whether the proof shows that one tree begins with the other. Section 2.1.4.2; never raises.

    False where `first` is 0: that says nothing about any root.
    """
    if first == second > 0:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof or not _are_hashes(first_root, second_root, *proof):
        return False
    start, *rest = [first_root, *proof] if first & (first - 1) == 0 else proof
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = start
    for sibling in rest:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            node, last = _raised(node, last)
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _middle(start: int, end: int) -> int:
    """The leaf at which a span is cut: the largest power of two that is smaller than its length."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _raised(node: int, last: int) -> tuple[int, int]:
    """Climb the right edge, past the levels where a subtree has no sibling."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _hashes(spans: Sequence[LeafSpan], read: ReadHashes) -> list[bytes]:
    """MTH of each span."""
    places = [list(peaks(span)) for span in spans]
    hashes = iter(read([place for of_span in places for place in of_span]))
    return [_folded([next(hashes) for _ in of_span]) for of_span in places]


def _folded(hashes: Sequence[bytes]) -> bytes:
    """MTH of a span, from the hashes of its largest complete subtrees."""
    if not hashes:
        return EMPTY
    *rest, made = hashes
    for left in reversed(rest):
        made = node_hash(left, made)
    return made


def _are_hashes(*values: bytes) -> bool:
    return all(isinstance(value, bytes) and len(value) == HASH_BYTES for value in values)
