"""`python -m narrows`: the same as the `narrows` command."""

import sys

from narrows.cli import main

sys.exit(main())
