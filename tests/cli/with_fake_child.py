"""The command line with a child that needs no network; the first argument is the child's behaviour."""

import sys
from pathlib import Path

from ostream_compare import cli
from ostream_compare.collector.client import Collector

FAKE = Path(__file__).parents[1] / "collector" / "fake_child.py"

if __name__ == "__main__":
    cli._collector = lambda _config: Collector([sys.executable, str(FAKE), sys.argv[1]])
    sys.exit(cli.start(sys.argv[2:]))
