"""``python -m harness.simulator``: the simulated providers."""

from __future__ import annotations

import sys

from harness.simulator.server import main

sys.exit(main())
