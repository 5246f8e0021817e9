"""``python -m analysis evaluate FILE.csv --questionnaire NAME``: the numbers of a file, for whoever checks them."""

import os
import sys

# Small products of matrices are faster in one thread; this must be said before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from analysis.evaluate import main

if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough, as in `... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
