"""A folder that nobody uses yet gets its distributions: it needs no journal."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from packaging.utils import NormalizedName

from pipfast.model.events import Listener
from pipfast.model.frozen_dataclass import replace
from pipfast.plan.steps import WheelToInstall
from pipfast.store.wheels.manifest import Archive
from pipfast.store.workers.inline import Alone
from pipfast.transaction.staging import Stage, Tree, stage
from pipfast.transaction.target_environment import Site
from pipfast.transaction.wheel_layout import Layout, lay_out


def furnish(
    coming: Sequence[WheelToInstall],
    archives: Mapping[NormalizedName, Archive],
    site: Site,
    emit: Listener,
) -> None:
    """Put distributions into the folders of `site`, which are not there yet.

    Files are the same as those of an install, but half of them are left there when it fails. It is
    done in this process: for what a build needs, others are not worth starting. Raises what
    `apply` raises.
    """
    scheme = site.scheme
    layouts = [_without_bytecode(lay_out(archives[one.name], one, site, emit)) for one in coming]
    roots = (scheme.purelib, scheme.platlib, scheme.scripts, scheme.headers, scheme.data)
    trees = [Tree(root, root) for root in dict.fromkeys(map(os.path.abspath, roots))]
    with Alone(site.executable) as workshop:
        done = stage(
            [(one, frozenset()) for one in layouts], Stage(trees), workshop, site.link_mode
        )
        for _ in done:
            pass


def _without_bytecode(layout: Layout) -> Layout:
    """The layout without bytecode of what is written anew, which only the target could compile."""
    return replace(layout, made=tuple(replace(made, bytecode="") for made in layout.made))
