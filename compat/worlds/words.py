"""Random versions, specifiers, markers, tags and requirements, in all spellings that exist."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

VERSIONS = ("0.9", "1.0", "1.1", "1.5", "2.0", "2.0.1", "2.1", "3.0", "10.0")
ODD_VERSIONS = (
    *("2.0a1", "2.1b2", "3.0rc1", "2.0.dev1", "1.0.post1", "1.0+local.1", "1.5+cpu", "1!0.5"),
    *("1.0.0", "1.0.0.0", "2.0.RC1", "v1.0", "01.2", "2.0.alpha1", "2.1c1", "3.0a1.dev2"),
    *("2.0.post1.dev3", "1.0rc1+linux", "2024.1", "2.0.0a0"),
)
MARKERS = (
    *('python_version >= "3.8"', 'python_version < "3.0"', 'python_version in "3.10, 3.11"'),
    *('sys_platform == "linux"', 'sys_platform == "win32"', 'sys_platform != "win32"'),
    *('os_name == "posix" and python_version > "3"', 'os_name == "nt" or os_name == "java"'),
    *('platform_machine == "x86_64"', 'platform_python_implementation == "CPython"'),
    *('python_full_version >= "3.11.0"', 'implementation_name != "cpython"'),
    *('(os_name == "posix" or sys_platform == "win32") and python_version not in "2.7"',),
    *('platform_release >= "1"', 'python_version ~= "3.8"', '"linux" in sys_platform'),
)


class Words:
    """Draws words; `names` are the projects of the world."""

    EXTRAS = ("fast", "Dev_Tools", "all.in", "x")
    TAGS = (
        *("py3-none-any", "py3-none-any", "py3-none-any", "py2.py3-none-any", "py311-none-any"),
        *("py3-none-any", "py2.py3-none-any"),
        *("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", "cp39-abi3-linux_x86_64"),
        *("cp310-cp310-win_amd64", "py3-none-macosx_11_0_arm64", "cp313-cp313-linux_x86_64"),
        *("cp311-cp311-musllinux_1_1_x86_64", "py3-none-linux_x86_64", "cp312-none-any"),
    )

    def __init__(self, draw: random.Random, names: Sequence[str]) -> None:
        self.draw = draw
        self.names = names
        self.released = {name: self._versions() for name in names}

    def version(self) -> str:
        """Return a version in any spelling."""
        return self.draw.choice(ODD_VERSIONS if self.draw.random() < 0.25 else VERSIONS)

    def _versions(self) -> list[str]:
        return sorted({self.version() for _ in range(self.draw.choice((1, 1, 2, 2, 3, 4, 6)))})

    def _version_of(self, name: str) -> str:
        """Return a version, mostly one of the project."""
        return self.draw.choice(self.released[name]) if self.draw.random() < 0.8 else self.version()

    def specifier(self, name: str) -> str:
        """Return a specifier for a project, often none."""
        draw, version = self.draw, self._version_of(name)
        shape = draw.random()
        if shape < 0.5:
            return ""
        if shape < 0.85:
            operator = draw.choice((">=", ">=", ">=", ">=", "<", "==", "!=", "<=", "<=", ">", "~="))
            return f"{operator}{self._operand(operator, version)}"
        if shape < 0.9:
            return f"=={version.split('+')[0].split('.')[0].strip('v')}.*"
        if shape < 0.91:
            return f"==={version}"
        if shape < 0.93:
            return f"!={draw.choice(('1', '2', '2.0'))}.*"
        return f">={self._operand('>=', version)},<{self._operand('<', self._version_of(name))}"

    def _operand(self, operator: str, version: str) -> str:
        if operator not in ("==", "!="):
            version = version.partition("+")[0]
        return version if operator != "~=" or "." in version else f"{version}.0"

    def marker(self) -> str:
        """Return a marker without extras."""
        return self.draw.choice(MARKERS)

    def requires_python(self) -> str:
        """Return a specifier of Python versions, mostly one that this Python meets."""
        fits = (">=3.8", ">=3", ">=3.6,!=3.7.*", ">=2.7, !=3.0.*", "<4", "~=3.8")
        fails = ("<3", ">=3.13", "==2.7.*", "<3.11", "nonsense", ">=3.99")
        return self.draw.choice(fits if self.draw.random() < 0.85 else fails)

    def name(self) -> str:
        """Return a project's name in one of its spellings."""
        return self.spelt(self.draw.choice(self.names))

    def bounded(self) -> str:
        """Return a project's name with a specifier."""
        name = self.draw.choice(self.names)
        return f"{self.spelt(name)}{self.specifier(name)}"

    def spelt(self, name: str) -> str:
        """Return a name in one of its spellings."""
        if self.draw.random() < 0.8:
            return name
        other = re.sub(r"[-_.]", self.draw.choice(("-", "_", ".")), name)
        return self.draw.choice((other, other.lower(), other.upper()))

    def extras(self) -> str:
        """Return extras in brackets, mostly none."""
        if self.draw.random() < 0.8:
            return ""
        known = [*self.EXTRAS, "dev-tools", "missing"]
        return f"[{','.join(self.draw.sample(known, self.draw.choice((1, 1, 2))))}]"

    def requirement(self) -> str:
        """Return a requirement with everything that it may have."""
        name = self.draw.choice(self.names)
        text = f"{self.spelt(name)}{self.extras()}{self.specifier(name)}"
        return f"{text} ; {self.marker()}" if self.draw.random() < 0.1 else text

    def requires_dist(self, name: str, extras: Sequence[str]) -> tuple[str, ...]:
        """Return the dependencies of a release of `name` that has `extras`."""
        draw, rows = self.draw, []
        for _ in range(draw.choice((0, 0, 0, 1, 1, 2))):
            text = self._dependency(draw.choice(self.names))
            rows += [f"{text} ; {self.marker()}" if draw.random() < 0.2 else text]
        for extra in extras:
            for _ in range(draw.choice((0, 1, 1, 2))):
                text = self._dependency(draw.choice((*self.names, name)))
                rows.append(f'{text.partition(";")[0].strip()} ; extra == "{extra}"')
        return tuple(row for row in rows if not row.startswith(f"{name} ") or "extra" in row)

    def _dependency(self, name: str) -> str:
        text = f"{self.spelt(name)}{self.extras()}"
        specifier = self.specifier(name)
        bracketed = specifier and self.draw.random() < 0.2
        return f"{text} ({specifier})" if bracketed else f"{text}{specifier}"
