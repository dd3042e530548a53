"""`python -m pipfast`, and `python FOLDER/pipfast` for a copied folder."""

import os
import sys

if not __package__:  # run by path: the folder with pipfast and what it needs replaces the package's
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from pipfast.main import run

run()
