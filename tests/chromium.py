"""Make sure that a Chromium is there for the browser tests; run by `make test` before them.

Chromium comes from the operating system. As root on Debian or Ubuntu it is installed here; anywhere else the missing
package is named, the browser tests are left out of the run, and the summary of the run says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find() -> str | None:
    """Path of an installed Chromium or Chrome, or None; `PAYHARNESS_CHROMIUM` names another one."""
    named = os.environ.get("PAYHARNESS_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> int:
    """Find Chromium, install it where that is possible, say what to do where it is not."""
    if find():
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium for the browser tests ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-qy", "--no-install-recommends", "chromium"]
        for command in (["apt-get", "update", "-q"], install):
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{' '.join(command)} failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
                break
    if not find():
        print(
            "No Chromium here, so the browser tests are left out. Install one (Debian, Ubuntu: "
            "`apt-get install chromium`), or name one in PAYHARNESS_CHROMIUM, and run `make test` again.",
            file=sys.stderr,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
