"""``python -m survey COMMAND``: what is done to the office's survey from a terminal."""

import sys

from survey.commands.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
