"""Replace files of distributions path by path, so that each is missing for two renames only.

One journal record lists all moves. Then, for each path in turn, the old content is moved away and
the new content into place, so that programs can import a package during its upgrade.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from pipfast.environment.presence import is_folder, is_link, is_there
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.transaction.journal import Move
from pipfast.transaction.merge import is_merged
from pipfast.transaction.removal_moves import removal_moves
from pipfast.transaction.settlement import is_metadata
from pipfast.transaction.staging import StagedTree
from pipfast.transaction.transaction import Transaction
from pipfast.transaction.uninstall import remove_path_entries
from pipfast.transaction.uninstall_paths import UninstallPaths


def swap(
    uninstalls: Sequence[UninstallPaths],
    trees: Sequence[StagedTree],
    order: Mapping[str, int],
    transaction: Transaction,
) -> list[str] | None:
    """Replace the files of `uninstalls` by those of `trees`; items in `order` come last.

    Return the files of other distributions that were replaced. Return None, and do nothing, if the
    target folder of a tree is missing or would be removed. No path is in two trees. Raises OSError.
    """
    present = {path for uninstall in uninstalls for path in uninstall.present}
    used = [tree for tree in trees if os.listdir(tree.staged)]
    if not present or os.name == "nt" or not all(is_folder(tree.root) for tree in used):
        return None
    removed = removal_moves(present)
    gone = {*removed.folders, *removed.files}
    pairing = _Pairing(transaction, gone, order)
    roots = [os.path.realpath(tree.root) for tree in used]
    for tree, root in zip(used, roots, strict=True):
        pairing.add(tree.staged, root)
    if any(_is_around(path, root) for path in gone for root in roots):
        return None
    parents = {os.path.dirname(path) for path in removed.files} - set(removed.cleared)
    transaction.move(pairing.moves(), emptied=sorted(parents), cleared=removed.cleared)
    remove_path_entries(uninstalls, transaction)
    return pairing.in_the_way


@dataclass(slots=True)
class _Pairing:
    """Pairs each staged item with the content that it replaces.

    - `gone`: paths that are removed
    - `swaps`: moves, with those of one path in succession
    - `metadata`: moves of the items in `order` into place
    - `paired`: paths of `gone` that are in `swaps`
    - `in_the_way`: files of other distributions that are replaced
    """

    transaction: Transaction
    gone: set[str]
    order: Mapping[str, int]
    swaps: list[Move] = field(default_factory=list)
    metadata: list[tuple[int, Move]] = field(default_factory=list)
    paired: set[str] = field(default_factory=set)
    in_the_way: list[str] = field(default_factory=list)

    def add(self, staged: str, root: str) -> None:
        """Add the items of a staged folder; `root` is its target folder, with links resolved."""
        existing = set(os.listdir(root))
        for name in sorted(os.listdir(staged)):
            source, target = os.path.join(staged, name), os.path.join(root, name)
            is_free = target in self.gone or (name not in existing and not is_there(target))
            if name in self.order and is_free:
                self.metadata.append((self.order[name], (source, target)))
            elif target in self.gone and not is_metadata(target):
                self.paired.add(target)
                self._replace(source, target)
            elif is_free:
                self.swaps.append((source, target))
            else:
                self._merge(source, target)

    def moves(self) -> list[Move]:
        """Return all moves in order.

        Old metadata go first: recovery needs the RECORD of each distribution that lost a file.
        """
        gone = sorted(self.gone - self.paired)
        away = [(path, self.transaction.old_path(path)) for path in gone]
        first = [move for move in away if is_metadata(move[0])]
        last = [move for move in away if not is_metadata(move[0])]
        return [*first, *self.swaps, *last, *(move for _, move in sorted(self.metadata))]

    def _merge(self, source: str, target: str) -> None:
        """Add an item whose target exists and is not removed: merge folders, replace files."""
        if is_merged(source, target):
            self.add(source, os.path.realpath(target) if is_link(target) else target)
        else:
            self.in_the_way.append(target)
            self._replace(source, target)

    def _replace(self, source: str, target: str) -> None:
        self.swaps += [(target, self.transaction.old_path(target)), (source, target)]


def _is_around(path: str, root: str) -> bool:
    return root == path or root.startswith(path + os.sep)
