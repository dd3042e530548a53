"""`hash`: the digests of files."""

from __future__ import annotations

from compat.harness.known import PIP_CRASHES
from compat.harness.scenario import Target, scenario

FILES = {
    "hello": "hello",
    "empty": "",
    "a folder/a file": "x",
    "large": bytes(range(256)) * 10_000,
}
HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

SCENARIOS = (
    scenario("hash-of-a-file", "hash hello", files=FILES, shows=(f"hello:\n--hash=sha256:{HELLO}",),
             then=("hash empty", "hash large", ["hash", "a folder/a file"], "hash <here>/hello",
                   "hash ../work/./hello")),
    scenario("hash-by-each-algorithm", "hash -a sha384 hello", files=FILES,
             then=("hash --algorithm=sha512 hello", "hash hello -a sha256"),
             shows=("--hash=sha384:", "--hash=sha512:", "--hash=sha256:")),
    scenario("hash-of-several-files", "hash hello empty hello large", files=FILES),
    scenario("hash-by-an-algorithm-of-a-file", "hash hello", files=FILES,
             standing={"<env>/pip.conf": "[hash]\nalgorithm = sha384\n"},
             environ={"PIP_CONFIG_FILE": None}, then=("hash -a sha512 hello",),
             shows=("--hash=sha384:",)),
    scenario("hash-by-an-unknown-algorithm", "hash -a md5 hello", files=FILES, exits=(2,),
             shows=("invalid choice: 'md5'",)),
    scenario("hash-by-an-unknown-algorithm-of-a-variable", "hash hello", files=FILES, exits=(3,),
             environ={"PIP_ALGORITHM": "md5"}),
    scenario("hash-of-nothing", "hash", exits=(1,), shows=("\nUsage:   ",),
             then=("hash -a sha512", "-q hash")),
    scenario("hash-of-nothing-in-a-narrow-terminal", "hash", exits=(1,),
             environ={"COLUMNS": "30"}),
    scenario("hash-of-a-file-that-is-not-there", "hash hello absent empty", files=FILES, exits=(2,),
             allow=PIP_CRASHES, shows=(f"hello:\n--hash=sha256:{HELLO}\n",)),
    scenario("hash-of-a-folder", ["hash", "a folder"], files=FILES, exits=(2,), allow=PIP_CRASHES),
    scenario("hash-of-an-empty-name", ["hash", ""], files=FILES, exits=(2,), allow=PIP_CRASHES),
    scenario("hash-quietly", "hash -q hello", files=FILES, then=("hash -v hello",)),
    scenario("hash-where-an-environment-is-required", "hash hello", files=FILES,
             target=Target.ALONE, environ={"PIP_REQUIRE_VIRTUALENV": "1"}),
)  # fmt: skip
