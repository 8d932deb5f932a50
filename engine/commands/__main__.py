"""`python -m engine.commands`: the same as `jiuzhu`."""

import sys

from engine.commands import main

sys.exit(main())
