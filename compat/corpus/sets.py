"""Requirement sets for the default index, chosen to be difficult in different ways.

``<default>``, ``<old>`` and ``<sources>`` stand for the addresses of the indexes, ``<files>``
for the address of the default index's files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SIX_WHEEL = (
    "<files>/d9/5a/e7c31adbe875f2abbb91bd84cf2dc52d792b5a01506781dbcf25c91daf11"
    "/six-1.16.0-py2.py3-none-any.whl"
)
IDNA_WHEEL = (
    "<files>/76/c6/c88e154df9c4e1a2a66ccf0005a88dfb2650c1dffb6f5ce603dfbd452ce3"
    "/idna-3.10-py3-none-any.whl"
)
SIX_WHEEL_HASH = "--hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254"
IDNA_SDIST_HASH = "--hash=sha256:12f65c9b470abda6dc35cf8e63cc574b1c52b11df2c86030af0ac09b01b13ea9"

OTHERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "old": {
            "requests": "<2.29",
            "urllib3": "<1.26.10",
            "six": "==1.16.0",
            "flask": "<2",
            "attrs": ">=22,<23.2",
            "idna": "",
        },
        "sources": {"six": "", "attrs": "<23", "tabulate": "<0.9.1"},
    }
)
"""Further indexes: these releases of the default index; "sources" has sdists only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSet:
    """One resolution: a requirements file, options, and a constraints file."""

    name: str
    lines: tuple[str, ...]
    words: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()


def _rows(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


def _set(name: str, lines: str, *words: str, constraints: str = "") -> RequirementSet:
    """Split a text of one line at spaces, any other text into lines."""
    rows = _rows(lines) if "\n" in lines else tuple(lines.split())
    return RequirementSet(name=name, lines=rows, words=words, constraints=_rows(constraints))


WEB = (
    _set("httpie", "httpie"),
    _set("starlette", "starlette[full] uvicorn gunicorn websockets>=12"),
    _set("django-site", "django~=5.2.0 django-allauth django-cors-headers whitenoise gunicorn"),
    _set("pyramid", "pyramid waitress sqlalchemy<2.1 zope.sqlalchemy pyramid_tm"),
    _set("flask-2.0", "flask==2.0.3 flask-restx flask_jwt_extended<4.7"),
)

SCIENCE = (
    _set("numpy-1.24", "statsmodels numpy<1.25 pandas"),
    _set("spacy", "spacy<3.8"),
    _set("transformers", "transformers==4.38.* tokenizers huggingface-hub<0.24 datasets<2.19"),
    _set("tensorflow", "tensorflow-cpu==2.15.* keras ml-dtypes"),
    _set("geopandas", "geopandas>=0.14,<1 shapely<2.1 folium"),
    _set("bokeh", "bokeh<3.4 tornado<6.4 panel"),
)

CLOUD = (
    _set("boto3-stubs", "boto3-stubs[s3,ec2]<1.35 boto3<1.34.50"),
    _set("moto", "moto[s3,dynamodb]<5 boto3<1.34"),
    _set("kubernetes", "kubernetes<30 urllib3>=2 kopf"),
    _set("openstack", "openstacksdk<3 python-keystoneclient"),
    _set("snowflake", "snowflake-connector-python[pandas]<3.13 cryptography<42"),
    _set("dbt", "dbt-core<1.8 dbt-postgres"),
)

TOOLING = (
    _set("tox-3", "tox<4 virtualenv<20.22"),
    _set("pylint-2", "pylint<3 astroid>=2.15 pylint-django<2.6"),
    _set("mkdocs", "mkdocs-material<9.6 mkdocstrings[python]<0.27"),
    _set("hatch-pdm", "hatch<1.13 pdm<2.20"),
    _set("ipython-7", "ipython<8 jedi ipykernel"),
)

CONSTRAINED = (
    _set("constraints-pins", "streamlit onnx", constraints="protobuf<4.22\nnumpy==1.26.4"),
    _set("constraints-extras", "requests[socks]", constraints="requests==2.31.0\nPySocks<1.7"),
    _set("constraints-missing", "python-dateutil<2.9", constraints="six==99"),
    _set("constraints-address", "python-dateutil", constraints=f"six @ {SIX_WHEEL}"),
    _set(
        "markers",
        """
        importlib-metadata; python_version < "3.12"
        pywin32; sys_platform == "win32"
        networkx[default]; python_version >= "3.8" and implementation_name == "cpython"
        """,
    ),
    _set("extras-spelt", "Flask[Async,dotenv]\nPrompt_Toolkit<3.0.40\nzope.interface[test]<7"),
    _set("extras-nested", "hypothesis[cli,numpy,zoneinfo]<6.100\nblack[jupyter,d]<24"),
)

CONFLICTS = (
    _set("conflict-pins", "fastapi==0.100.0 starlette==0.36.0"),
    _set("conflict-extra", "requests[socks]==2.31.0 pysocks==1.5.7"),
    _set("conflict-constraint", "aiohttp>=3.9", constraints="yarl<1"),
    _set("conflict-deep", "moto==4.2.14 botocore<1.12.201"),
    _set("missing-wheel", "tensorflow==2.11.0"),
    _set("missing-python", "requests django==6.0"),
)

RELEASES = (
    _set("pre-only", "opentelemetry-instrumentation-requests opentelemetry-api<1.30"),
    _set("pre-all", "pydantic attrs networkx", "--pre"),
    _set("pre-of-one", "asgiref networkx", "--all-releases", "networkx"),
    _set("pre-named", "celery>=5.4.0rc1,<5.5\nvine\nsqlalchemy>=2.0.0b1,<2.0.1"),
    _set("yanked-pin", "requests==2.32.0"),
    _set("yanked-range", "requests>=2.32.0,<2.32.2"),
    _set("prior-to", "six", "--uploaded-prior-to", "2024-01-01"),
)

TARGETS = (
    _set("target-3.8", "ipython networkx matplotlib", "--python-version", "3.8",
         "--only-binary", ":all:"),
    _set("target-windows", "pandas<2.3 pywinpty ipykernel", "--python-version", "3.11",
         "--platform", "win_amd64", "--only-binary=:all:"),
    _set("target-aarch64", "numpy cryptography uvloop", "--python-version", "312",
         "--platform", "manylinux2014_aarch64", "--platform", "manylinux_2_28_aarch64",
         "--only-binary", ":all:"),
    _set("target-musl", "pydantic lxml orjson", "--python-version", "3.13",
         "--platform", "musllinux_1_2_x86_64", "--only-binary", ":all:"),
    _set("target-pypy", "numpy<2.2 lxml", "--implementation", "pp", "--abi", "pypy310_pp73",
         "--python-version", "3.10", "--platform", "manylinux2014_x86_64", "--only-binary=:all:"),
    _set("target-lacks", "uvloop", "--platform", "win_amd64", "--only-binary", ":all:"),
)  # fmt: skip

INDEXES = (
    _set("index-extra", "--extra-index-url <old>\nrequests\nflask<2.1\nsix"),
    _set("index-swapped", "requests flask attrs==23.1.0", "--index-url", "<old>",
         "--extra-index-url", "<default>"),
    _set("index-lacks", "requests flask", "-i", "<old>"),
    _set("index-sources", "six attrs<23 tabulate<0.9.1", "-i", "<sources>", "--extra-index-url",
         "<default>"),
    _set("find-links", "six idna", "--no-index", "-f", "<default>six/", "-f", "<old>idna/"),
)  # fmt: skip

SOURCES = (
    _set("sdists", "feedparser langdetect peewee<3.18 wget"),
    _set("sdist-static", "attrs idna<3.11 hatch-vcs", "--no-binary", "attrs,idna"),
    _set("sdist-fails", "mysqlclient<2.2.5"),
    _set("sdist-old", "hydra-core<1.4 termcolor<2 future<1"),
)

EXACT = (
    _set("hashes", f"""
        idna==3.10 {IDNA_SDIST_HASH}
        six==1.16.0 {SIX_WHEEL_HASH}
        """, "--require-hashes"),
    _set("hashes-lacking", f"python-dateutil==2.8.2\nsix==1.16.0 {SIX_WHEEL_HASH}"),
    _set("address", f"requests\nidna @ {IDNA_WHEEL}"),
)  # fmt: skip

SETS = (*WEB, *SCIENCE, *CLOUD, *TOOLING, *CONSTRAINED, *CONFLICTS, *RELEASES, *TARGETS, *INDEXES,
        *SOURCES, *EXACT)  # fmt: skip
