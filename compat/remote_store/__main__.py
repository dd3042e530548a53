"""Run all tests of remote stores, also those whose server is installed from the index.

python -m compat.remote_store [options of pytest]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

os.environ["REMOTE_STORE_WHOLE"] = "1"
sys.exit(pytest.main(["-q", str(Path(__file__).parent), *sys.argv[1:]]))
