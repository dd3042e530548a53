"""Names of widely used projects, which a misspelt name is compared with.

The list is part of pipfast, because what is said must not depend on caches, and because asking an
index for names that nobody typed would tell it about them.
"""

from __future__ import annotations

POPULAR = tuple(
    """
    aiohttp alembic ansible anyio attrs babel beautifulsoup4 bcrypt black boto3 botocore build
    cachetools celery certifi cffi charset-normalizer click cloudpickle colorama coverage
    cryptography cython dask decorator django djangorestframework docker dnspython docutils
    fastapi filelock flake8 flask fonttools frozenlist fsspec gitpython google-auth
    google-cloud-storage greenlet grpcio gunicorn h11 hatchling httpcore httpx huggingface-hub
    hypothesis idna importlib-metadata ipykernel ipython isort jedi jinja2 jmespath joblib
    jsonschema jupyter jupyterlab kubernetes lxml mako markdown markupsafe matplotlib mock
    more-itertools msgpack multidict mypy mypy-extensions nbconvert networkx nltk notebook numba
    numpy oauthlib openai opencv-python openpyxl orjson packaging pandas paramiko pexpect pillow
    pip platformdirs plotly pluggy poetry pre-commit prometheus-client protobuf psutil psycopg2
    psycopg2-binary pyarrow pyasn1 pycparser pydantic pydantic-core pygments pyjwt pylint pymongo
    pymysql pyopenssl pyparsing pyspark pytest pytest-asyncio pytest-cov pytest-mock pytest-xdist
    python-dateutil python-dotenv pytz pyyaml pyzmq redis regex requests requests-oauthlib rich
    rsa ruff s3fs s3transfer scikit-image scikit-learn scipy seaborn selenium sentry-sdk
    setuptools setuptools-scm six sniffio sphinx sqlalchemy starlette statsmodels streamlit sympy
    tabulate tenacity tensorflow toml tomli tomlkit torch torchvision tornado tox tqdm traitlets
    transformers twine typer types-requests typing-extensions tzdata tzlocal ujson urllib3 uv
    uvicorn virtualenv watchdog websocket-client websockets werkzeug wheel wrapt xgboost xlrd
    xlsxwriter yarl zipp zstandard
    """.split()  # noqa: SIM905
)

PROJECT_OF_MODULE = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dns": "dnspython",
    "dotenv": "python-dotenv",
    "git": "gitpython",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "mysqldb": "mysqlclient",
    "openssl": "pyopenssl",
    "pil": "pillow",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "usb": "pyusb",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
"""Projects whose module has another name, by that name in lower case."""
