"""Move the files of uninstalled distributions out of the environment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from pipfast.transaction.path_files import without_lines
from pipfast.transaction.removal_moves import removal_moves
from pipfast.transaction.settlement import is_metadata
from pipfast.transaction.transaction import Transaction
from pipfast.transaction.uninstall_paths import UninstallPaths


def move_out(uninstalls: Sequence[UninstallPaths], transaction: Transaction) -> None:
    """Move the files of distributions into the transaction's folder, where the commit removes them.

    Also removes their entries from ``.pth`` files. Raises OSError.
    """
    present = {path for uninstall in uninstalls for path in uninstall.present}
    if not present:
        return
    removed = removal_moves(present)
    # Metadata first: recovery needs the RECORD of each distribution that lost a file.
    paths = sorted((*removed.folders, *removed.files), key=lambda path: not is_metadata(path))
    moves = [(path, transaction.old_path(path)) for path in paths]
    parents = {os.path.dirname(path) for path in removed.files} - set(removed.cleared)
    transaction.move(moves, emptied=sorted(parents), cleared=removed.cleared)
    remove_path_entries(uninstalls, transaction)


def remove_path_entries(uninstalls: Sequence[UninstallPaths], transaction: Transaction) -> None:
    """Remove the entries of distributions from ``.pth`` files. Raises OSError."""
    entries: dict[str, list[str]] = {}
    for uninstall in uninstalls:
        for file, line in uninstall.path_entries.items() if uninstall.present else ():
            entries.setdefault(file, []).append(line)
    for file, lines in entries.items():
        if not os.path.isfile(file):
            continue
        rewritten = transaction.unused_path(file)
        with open(file, "rb") as old, open(rewritten, "wb") as new:
            new.write(without_lines(old.read(), lines))
        shutil.copymode(file, rewritten)
        transaction.move([(file, transaction.old_path(file)), (rewritten, file)])
