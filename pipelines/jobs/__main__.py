"""`python -m pipelines.jobs <run folder>`: one job, from its frozen request to its report. Needs no supervisor."""

import sys
from pathlib import Path

from pipelines.jobs import execution
from pipelines.runs.run import Run

if __name__ == "__main__":
    sys.exit(execution.execute(Run(Path(sys.argv[1]).resolve())))
