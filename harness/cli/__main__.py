"""``python -m harness.cli`` is ``longcat-repro``."""

import sys

from harness.cli import main

sys.exit(main())
