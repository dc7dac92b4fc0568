"""What every peer in Python does as a child: says where it listens, and ends when its standard input closes.

Imported before anything is patched, so it imports nothing that would be.
"""

import _thread
import os
import sys
from collections.abc import Callable

WANTED_DESCRIPTORS = 8_192


def end_with_stdin() -> None:
    """End the process when its parent closes its standard input, or is gone itself."""

    def wait(read: Callable[[int, int], bytes]) -> None:
        while read(sys.stdin.fileno(), 4_096):
            pass
        os._exit(0)

    # A thread of the system's own, with a `read` of the system's own, whatever is patched afterwards.
    _thread.start_new_thread(wait, (os.read,))


def raise_descriptor_limit() -> None:
    """Allow a descriptor for each of a few thousand phones: systems give 256 or 1,024 unless asked."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < WANTED_DESCRIPTORS:
            wanted = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(WANTED_DESCRIPTORS, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def announce(port: int) -> None:
    """Say that clients may come."""
    print(f"listening on {port}", flush=True)
