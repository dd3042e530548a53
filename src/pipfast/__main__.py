"""`python -m pipfast`."""

from pipfast.main import run

run()
