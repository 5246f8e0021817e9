"""``python -m analysis evaluate FILE.csv --questionnaire NAME``: the numbers of a file, for whoever checks them."""

import os
import sys

# Small products of matrices are faster in one thread; this must be said before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from analysis.evaluate import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
