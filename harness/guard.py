"""Becomes the command it is given, after asking the kernel to end it when the harness dies.

    python -I -S guard.py PARENT_PID COMMAND [ARGUMENT...]

The request (Linux: PR_SET_PDEATHSIG) has to be made in the new process and before the command begins; making it
between fork and exec of a process that has threads is not safe, hence this step of its own. Elsewhere than on Linux it
only becomes the command.
"""

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask, make sure that the parent has not died meanwhile, become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the command is the point
    except OSError as error:
        sys.exit(f"cannot start {command[0]!r}: {error.strerror}")


if __name__ == "__main__":
    main()
