"""Two states of an environment; upgrades between them add, remove, replace and move files."""

from __future__ import annotations

from tests.kit.wheels import Wheel

OLD = (
    Wheel(
        name="alpha",
        version="1.0",
        files={"alpha/__init__.py": "1\n", "alpha/old.py": "1\n", "space/one/x.py": "1\n"},
        scripts={"alpha": "alpha:main", "only-old": "alpha:main"},
        data={"data/share/alpha/x": "1", "scripts/run": "#!python\n1\n"},
    ),
    Wheel(name="beta", version="1.0", files={"beta.py": "1\n", "space/two/x.py": "1\n"}),
    Wheel(name="gone", version="1.0", scripts={"gone": "gone:main"}),
)
NEW = (
    Wheel(
        name="alpha",
        version="2.0",
        files={"alpha/__init__.py": "2\n", "alpha/new.py": "2\n", "space/one/y.py": "2\n"},
        scripts={"alpha": "alpha:start"},
        data={"data/share/alpha/x": "2", "headers/alpha.h": "int x;"},
    ),
    Wheel(name="beta", version="2.0", files={"beta.py": "2\n", "space/two/x.py": "2\n"}),
    Wheel(name="gamma", version="1.0", scripts={"gamma": "gamma:main"}),
)
