"""Replace single files of an environment: all of them, or none."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from pipfast.concurrency.interrupts import signals_as_exceptions
from pipfast.model.events import Listener, silent
from pipfast.transaction.environment_lock import locked
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.recovery import recover
from pipfast.transaction.transaction import Transaction, existing_folder, run_transaction

_Staged = list[tuple[str, str]]


def replace_files(
    environment: InstallEnvironment, contents: Mapping[str, bytes], emit: Listener = silent
) -> None:
    """Write `contents` to existing files, given by path; their permissions stay.

    Raises OSError; the environment is then unchanged.
    """

    def stage(transaction: Transaction) -> _Staged:
        staged = []
        for path, content in contents.items():
            aside = transaction.unused_path(path)
            with open(aside, "xb") as file:
                file.write(content)
            shutil.copymode(path, aside)
            staged.append((aside, path))
        return staged

    def change(transaction: Transaction, staged: _Staged) -> None:
        for aside, path in staged:
            transaction.move([(path, transaction.old_path(path)), (aside, path)])

    with signals_as_exceptions(), existing_folder(environment.root) as created:
        recover(environment)
        with locked(environment.root):
            run_transaction(environment, created, stage, change, emit)
