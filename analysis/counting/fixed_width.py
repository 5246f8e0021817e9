"""How are many rows of numbers turned into text at once?

Every cell is laid out in a fixed width, padded with zero bytes, and then the padding is taken out: much faster than a
loop over rows, and no number is turned into text twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bytes2D = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Written:
    """``known``: (m,) numbers rising; ``table``: (m + 1, width) what each is written as, and last all others."""

    known: npt.NDArray[np.int64]
    table: Bytes2D

    @classmethod
    def of(cls, texts: Mapping[int, bytes], otherwise: bytes = b"") -> "Written":
        """What the numbers of a column are written as; any other number as ``otherwise``."""
        known = sorted(texts)
        encoded = [texts[number] for number in known] + [otherwise]
        width = max(1, *map(len, encoded))
        padded = b"".join(text.ljust(width, b"\0") for text in encoded)
        return cls(np.array(known, np.int64), np.frombuffer(padded, np.uint8).reshape(len(encoded), width))

    def block(self, numbers: npt.NDArray[np.int64]) -> Bytes2D:
        """(n, width) the numbers of a column, laid out."""
        at = np.searchsorted(self.known, numbers)
        n = len(self.known)
        found = np.take(self.known, np.minimum(at, n - 1)) == numbers if n else np.zeros(len(numbers), bool)
        return self.table[np.where(found, at, n)]


def same(text: bytes, n: int) -> Bytes2D:
    """(n, width) the same text in every row."""
    return np.broadcast_to(np.frombuffer(text, np.uint8), (n, len(text)))


def counted(first: int, n: int, width: int = 7) -> Bytes2D:
    """(n, width) the numbers ``first``, ``first`` + 1 ... in digits."""
    return np.arange(first, first + n).astype(f"S{width}").view(np.uint8).reshape(n, width)


def joined(blocks: Sequence[Bytes2D]) -> bytes:
    """The blocks beside each other as text, without the padding."""
    laid_out: npt.NDArray[np.uint8] = np.concatenate(blocks, axis=1).ravel()
    written: bytes = laid_out[laid_out != 0].tobytes()
    return written
