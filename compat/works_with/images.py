"""Common lines of a Dockerfile, run by a shell with a separate interpreter."""

from __future__ import annotations

from typing import Any

from compat.works_with.projects import PROJECT, SAYS
from compat.works_with.trial import Python, Standing, Trial

REQUIREMENTS = "idna==3.10\niniconfig==2.0.0\nsix>=1.16,<1.17  # a range\n"
QUIET = {"PIP_NO_CACHE_DIR": "1", "PIP_ROOT_USER_ACTION": "ignore"}
FILES = {**PROJECT, "requirements.txt": REQUIREMENTS}


def _image(what: str, lines: str, *calls: str, **further: Any) -> Trial:
    """Return a trial in which the image's ``/usr/local/bin/pip`` is a link to pipfast."""
    settings = {"standing": Standing.IN_PLACE, "folders": ("<env>",), "says": True, **further}
    return Trial(
        tool="a Dockerfile",
        what=what,
        python=Python.ALONE,
        files=FILES,
        lines=lines,
        calls=calls,
        **settings,
    )


IMAGES = (
    _image(
        "the usual lines",
        """
        pip install --no-cache-dir --upgrade pip==26.3 setuptools==80.9.0 wheel==0.45.1
        pip install --no-cache-dir -r requirements.txt
        pip install --no-cache-dir --no-deps .
        pip3 check
        demo
        """,
        "install --no-cache-dir --upgrade pip==26.3 setuptools==80.9.0 wheel==0.45.1",
        "install --no-cache-dir -r requirements.txt",
        "install --no-cache-dir --no-deps .",
        "check",
        shows=(SAYS, "No broken requirements found."),
    ),
    _image(
        "variables in place of options",
        """
        pip install --upgrade setuptools==80.9.0
        pip install -r requirements.txt -e .
        demo
        """,
        "install --upgrade setuptools==80.9.0",
        "install -r requirements.txt -e .",
        environ={**QUIET, "PIP_NO_COMPILE": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        shows=(SAYS,),
    ),
    _image(
        "a mounted cache, used twice",
        """
        pip install -r requirements.txt
        pip uninstall -y -q -r requirements.txt
        pip install -r requirements.txt
        pip install --target t -r requirements.txt
        """,
        "install -r requirements.txt",
        "uninstall -y -q -r requirements.txt",
        "install -r requirements.txt",
        "install --target t -r requirements.txt",
        environ={"PIP_CACHE_DIR": "<here>/cache", "PIP_ROOT_USER_ACTION": "ignore"},
        folders=("<env>", "t"),
    ),
    _image(
        "--user",
        """
        pip install --user --no-warn-script-location -r requirements.txt .
        PATH=$HOME/.local/bin:$PATH
        demo
        pip install --user --upgrade idna==3.11
        pip uninstall -y six
        """,
        "install --user --no-warn-script-location -r requirements.txt .",
        "install --user --upgrade idna==3.11",
        "uninstall -y six",
        folders=("<env>", "../home/.local"),
        shows=(SAYS,),
    ),
    _image(
        "two stages: wheels",
        """
        pip wheel --wheel-dir wheels -r requirements.txt .
        pip install --no-cache-dir --no-index --find-links=wheels demo -r requirements.txt
        demo
        """,
        "wheel --wheel-dir wheels -r requirements.txt .",
        "install --no-cache-dir --no-index --find-links=wheels demo -r requirements.txt",
        folders=("<env>", "wheels"),
        shows=(SAYS,),
    ),
    _image(
        "two stages: wheels of everything",
        """
        pip wheel --no-cache-dir --no-deps --wheel-dir wheels -r requirements.txt
        pip install --no-cache wheels/*
        pip download --no-deps -d downloaded -r requirements.txt
        """,
        "wheel --no-cache-dir --no-deps --wheel-dir wheels -r requirements.txt",
        "install --no-cache wheels/idna-3.10-py3-none-any.whl "
        "wheels/iniconfig-2.0.0-py3-none-any.whl wheels/six-1.16.0-py2.py3-none-any.whl",
        "download --no-deps -d downloaded -r requirements.txt",
        folders=("<env>", "wheels", "downloaded"),
    ),
    _image(
        "two stages: --prefix",
        """
        pip install --prefix=install --no-warn-script-location -r requirements.txt .
        cp -a install/. <env>
        demo
        pip list --format=freeze
        """,
        "install --prefix=install --no-warn-script-location -r requirements.txt .",
        "list --format=freeze",
        folders=("<env>", "install"),
        shows=(SAYS,),
    ),
    _image(
        "--target, --root and --prefix",
        """
        pip install --target package -r requirements.txt
        pip install --target=package --upgrade idna==3.11
        pip install --root root --prefix /usr --no-deps -r requirements.txt
        pip install -t lambda --platform manylinux2014_x86_64 --python-version 3.12 \\
            --implementation cp --only-binary=:all: markupsafe==3.0.2
        """,
        "install --target package -r requirements.txt",
        "install --target=package --upgrade idna==3.11",
        "install --root root --prefix /usr --no-deps -r requirements.txt",
        "install -t lambda --platform manylinux2014_x86_64 --python-version 3.12 "
        "--implementation cp --only-binary=:all: markupsafe==3.0.2",
        folders=("<env>", "package", "root", "lambda"),
    ),
    _image(
        "an environment in the image",
        """
        <python> -m venv --without-pip venv
        export VIRTUAL_ENV=$PWD/venv
        <pip> install --no-cache-dir -r requirements.txt
        """,
        "install --no-cache-dir -r requirements.txt",
        by_pip="pip --python venv",
        folders=("<env>", "venv"),
    ),
    _image(
        "pip replaced by another pip",
        """
        pip install --no-cache-dir --upgrade pip==25.3
        hash -r
        pip install --no-cache-dir six==1.16.0
        """,
        "install --no-cache-dir --upgrade pip==25.3",
        folders=("<env>",),
        says=False,
    ),
    _image(
        "pip replaced by another pip, the link is elsewhere",
        """
        pip install --no-cache-dir --upgrade pip==25.3
        pip install --no-cache-dir six==1.16.0
        """,
        "install --no-cache-dir --upgrade pip==25.3",
        "install --no-cache-dir six==1.16.0",
        standing=Standing.ON_PATH,
        environ={"PIP_PYTHON": "<python>"},
        says=False,
    ),
)
