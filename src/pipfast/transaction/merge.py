"""Move staged files into the environment, with as few renames as possible."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from pipfast.environment.presence import is_folder, is_link, is_real_folder, is_there, names_in
from pipfast.model.events import Listener
from pipfast.transaction.events import TargetExists
from pipfast.transaction.journal import Move
from pipfast.transaction.staging import StagedTree
from pipfast.transaction.transaction import Transaction, missing_folders


def merge_tree(tree: StagedTree, order: Mapping[str, int], transaction: Transaction) -> list[str]:
    """Move everything in a staged tree to its root; a folder that is new there moves as a whole.

    Items with a number in `order` come last and are moved in this order: some file systems list
    entries by age, and so installed distributions are listed in the order of the plan. Return the
    files that are replaced.
    """
    created: list[str] = []
    moves = list(_moves(tree.staged, tree.root, order, transaction, created))
    if moves:
        transaction.move(moves, created=created)
    return [source for source, _ in moves if not source.startswith(tree.staged + os.sep)]


def _moves(
    staged: str, root: str, order: Mapping[str, int], transaction: Transaction, created: list[str]
) -> Iterator[Move]:
    """Yield the moves of the items of one folder; add missing folders to `created`."""
    names = sorted(os.listdir(staged), key=lambda name: (order.get(name, -1), name))
    if not names:
        return
    try:
        existing = set(os.listdir(root))
    except FileNotFoundError:
        existing = set()
        created += missing_folders(root)
    for name in names:
        source, target = os.path.join(staged, name), os.path.join(root, name)
        if os.path.normcase(name) not in existing and not (existing and is_there(target)):
            yield source, target
        elif is_merged(source, target):
            yield from _moves(source, target, order, transaction, created)
        else:
            yield target, transaction.old_path(target)
            yield source, target


def is_merged(staged: str, target: str) -> bool:
    """Return whether a staged item is a folder, and so merged with the one at its target.

    Raises FileExistsError and IsADirectoryError if one is a folder and the other is not.
    """
    if is_real_folder(staged):
        if is_there(target) and not is_folder(target):
            raise FileExistsError(17, os.strerror(17), target)
        return True
    if is_real_folder(target):
        raise IsADirectoryError(21, os.strerror(21), target)
    return False


def merge_into_target(staged: str, transaction: Transaction, emit: Listener) -> None:
    """Move the top-level items of the staged home folder to the folder of ``--target``."""
    environment = transaction.environment
    scheme, target = environment.scheme, str(environment.target)
    libraries = [
        staged + library[len(scheme.data.rstrip(os.sep)) :]
        for library in dict.fromkeys((scheme.purelib, scheme.platlib))
    ]
    moves: list[Move] = []
    for folder in (*libraries, staged):
        for name in _names(folder):  # in pip's order, which is that of the file system
            source, destination = os.path.join(folder, name), os.path.join(target, name)
            if folder == staged and any(library.startswith(source) for library in libraries):
                continue
            moves += _moves_to_target(source, destination, transaction, emit)
    transaction.move(moves)


def _names(folder: str) -> Iterable[str]:
    return names_in(folder)


def _moves_to_target(
    source: str, destination: str, transaction: Transaction, emit: Listener
) -> list[Move]:
    if not is_there(destination):
        return [(source, destination)]
    if not transaction.environment.upgrade:
        emit(TargetExists(destination, is_link=False))
    elif is_link(destination):
        emit(TargetExists(destination, is_link=True))
    else:
        return [(destination, transaction.old_path(destination)), (source, destination)]
    return []
