"""Key lines that scenarios of several threads look for."""

BEST = "PIPFAST_INDEX_STRATEGY=best-match"
"""What a guarded run says where another index would have helped,"""
LAX = "PIPFAST_LOCAL_VERSIONS=lax"
"""a local segment is in the way,"""
SEE = "PIPFAST_BUILD_ISOLATION=see-through"
"""or a build needs what it did not declare."""

WENT_ON = "pip would have failed here"
"""The begin of the line that announces a lax rule."""

NO_TORCH = "No module named 'torch'"
"""What a build backend says."""
