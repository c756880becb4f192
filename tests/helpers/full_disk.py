"""A limit on the size of files, which fails like a full disk: half of a write succeeds, the rest does not."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator

REASON = "File too large"  # a full disk says "No space left on device" by the same way


@contextlib.contextmanager
def limit_file_size(size: int) -> Iterator[None]:
    """Lets this process write no file beyond this number of bytes inside the block.

    Args:
      size: bytes.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
