"""`cache`: list and remove what pip and pipfast have cached."""

from __future__ import annotations

from compat.harness.scenario import Target, scenario

CACHE = "<home>/.cache/pip"
FOLDERS = ("00/11/22/" + "3" * 50, "aa/bb/cc/" + "d" * 50)
ORIGIN = '{"archive_info": {}, "url": "https://example.org/demo-1.0.tar.gz"}'
WHEELS = {
    f"{CACHE}/wheels/{FOLDERS[0]}/demo-1.0-py3-none-any.whl": "x" * 999,
    f"{CACHE}/wheels/{FOLDERS[0]}/origin.json": ORIGIN,
    f"{CACHE}/wheels/{FOLDERS[1]}/demo-2.0-py3-none-any.whl": "x" * 1001,
    f"{CACHE}/wheels/{FOLDERS[1]}/demo_more-1.0-cp311-cp311-linux_x86_64.whl": "x" * 10001,
    f"{CACHE}/wheels/{FOLDERS[1]}/origin.json": ORIGIN,
}
ANSWERS = {
    f"{CACHE}/http-v2/0/1/2/3/4/01234": "x" * 1234567,
    f"{CACHE}/http-v2/0/1/2/3/4/01234.body": "x" * 20,
    f"{CACHE}/http/5/6/7/8/9/56789": "x" * 30,
    f"{CACHE}/selfcheck.json": "{}",
}
ALL = WHEELS | ANSWERS
LEFT = ("cache info", "cache list")

SCENARIOS = (
    scenario("cache-dir", "cache dir", shows=("/.cache/pip\n",)),
    scenario("cache-dir-of-an-option", "cache dir --cache-dir ./kept/../kept",
             shows=("/work/kept\n",)),
    scenario("cache-dir-of-a-variable", "cache dir", environ={"PIP_CACHE_DIR": "<here>/kept"},
             shows=("/work/kept\n",)),
    scenario("cache-info-of-nothing", "cache info", shows=("Number of HTTP files: 0",)),
    scenario("cache-info", "cache info", standing=ALL,
             shows=("Package index page cache size: 1.2 MB", "Locally built wheels size: 12 kB",
                    "Number of HTTP files: 3", "Number of locally built wheels: 3")),
    scenario("cache-list-of-nothing", "cache list", then=("cache list --format=abspath",),
             shows=("No locally built wheels cached.",)),
    scenario("cache-list", "cache list", standing=ALL,
             shows=(" - demo-1.0-py3-none-any.whl (999 bytes)",
                    " - demo-2.0-py3-none-any.whl (1.0 kB)",
                    " - demo_more-1.0-cp311-cp311-linux_x86_64.whl (10 kB)")),
    scenario("cache-list-of-paths", "cache list --format=abspath", standing=ALL),
    scenario("cache-list-of-a-project", "cache list demo", standing=ALL,
             then=("cache list demo-2", "cache list demo*", "cache list --format=abspath *more",
                   "cache list nothing")),
    scenario("cache-remove-of-a-project", "cache remove demo", standing=ALL, then=LEFT,
             shows=("Files removed: 2 (2.0 kB)", "Directories removed: 4")),
    scenario("cache-remove-of-a-version", "cache remove demo-2.0", standing=ALL, then=LEFT),
    scenario("cache-remove-by-a-pattern", ["cache", "remove", "demo*"], standing=ALL, then=LEFT),
    scenario("cache-remove-of-everything", ["cache", "remove", "*"], standing=ALL, then=LEFT,
             shows=("Files removed: 6 ",)),
    scenario("cache-remove-of-what-is-not-there", "cache remove nothing", standing=ALL, then=LEFT,
             shows=('No matching packages for pattern "nothing"',)),
    scenario("cache-remove-without-a-pattern", "cache remove", exits=(1,),
             shows=("Please provide a pattern",)),
    scenario("cache-remove-of-two-patterns", "cache remove a b", exits=(1,),
             shows=("Too many arguments",)),
    scenario("cache-purge", "cache purge", standing=ALL, then=LEFT,
             shows=("Files removed: 6 (1.2 MB)",)),
    scenario("cache-purge-of-nothing", "cache purge", shows=("No matching packages\n",)),
    scenario("cache-purge-of-empty-folders", "cache purge",
             standing={f"{CACHE}/wheels/00/11/origin.json": ORIGIN}, then=LEFT),
    scenario("cache-purge-takes-no-words", "cache purge demo", exits=(1,)),
    scenario("cache-info-takes-no-words", "cache info demo", then=("cache dir demo",), exits=(1,)),
    scenario("cache-list-takes-one-word", "cache list a b", exits=(1,)),
    scenario("cache-without-an-action", "cache", then=("cache empty",), exits=(1,),
             shows=("Need an action (dir, info, list, purge, remove) to perform.",)),
    scenario("cache-that-is-off", "cache list --no-cache-dir", exits=(1,),
             shows=("pip cache commands can not function since cache is disabled.",)),
    scenario("cache-in-a-quiet-run", "cache list -q", standing=ALL),
    scenario("cache-where-an-environment-is-required", "cache dir", target=Target.ALONE,
             environ={"PIP_REQUIRE_VIRTUALENV": "1"}),
)  # fmt: skip
