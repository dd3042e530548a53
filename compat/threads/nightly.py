"""uv#10119: nightly releases whose wheels have different dependencies on each platform."""

from __future__ import annotations

from functools import partial

from compat.kit.index import Listed, Sidecar, index
from compat.threads.ask import Four, Thread, all_alike, ask, fails, solved
from compat.threads.lines import WENT_ON
from compat.threads.packages import AWAY, HERE, torch
from tests.kit.wheels import wheel

this = partial(ask, Thread.NIGHTLY)

DAY = "2.6.0.dev20241222"
TRITON = "3.2.0+git35c6c7c6"
FOREIGN = tuple(torch(f"{DAY}+cu126", "nowhere-to-be-found", tag=tag) for tag in AWAY)
OURS = torch(f"{DAY}+cu126", "nvidia-nccl==2.23", f"pytorch-triton=={TRITON}", tag=HERE)
PARTS = (wheel("nvidia-nccl", "2.23"), wheel("pytorch-triton", TRITON),
         wheel("filelock", "3.9"))  # fmt: skip
NIGHTLY = index(*FOREIGN, OURS, torch("2.6.0.dev20241221+cu126", tag=HERE), *PARTS, name="nightly")
MAIN = index(wheel("numpy", "2.2"), wheel("filelock", "3.16"), torch("2.5.1"),
             wheel("huggingface-hub", "0.27", "filelock>=3.13"))  # fmt: skip
DONE = f"torch {DAY}+cu126, nvidia-nccl 2.23, pytorch-triton {TRITON}"
PIN = f"torch=={DAY}"
ELSEWHERE = index(
    torch("2.6.0", "nvidia-nccl", tag=HERE), torch("2.6.0", "winning", tag="py3-none-win_amd64"),
    wheel("winning"), wheel("nvidia-nccl", "2.23"),
)  # fmt: skip
PLATFORM = "--platform win_amd64 --only-binary :all:"

ASKS = (
    this("a-nightly-by-its-day", f"install {PIN} pytorch-triton>=3.2.0 --index-url <nightly>",
         NIGHTLY, about="a pinned nightly, with the dependencies of this machine's wheel",
         ends=all_alike(solved(DONE))),
    this("a-nightly-without-sidecars", f"install {PIN} --index-url <nightly>",
         index(*NIGHTLY.files, name="nightly", sidecars=False, plain=True),
         about="the same from an HTML index without metadata files",
         ends=all_alike(solved(DONE))),
    this("the-newest-nightly", "install --pre torch --index-url <nightly>", NIGHTLY,
         about="`--pre torch`, not pinned", ends=all_alike(solved(DONE))),
    this("a-nightly-beside-the-main-index", f"install {PIN} huggingface-hub numpy"
         " --extra-index-url <nightly>", MAIN, NIGHTLY,
         about="the nightly index also has old copies of common dependencies",
         ends=Four(pip=solved(f"{DONE}, huggingface-hub 0.27, filelock 3.16, numpy 2.2"),
                   uv=fails("filelock"), guarded=fails("PIPFAST_INDEX_STRATEGY=best-match"),
                   parity=solved(f"{DONE}, huggingface-hub 0.27, filelock 3.16, numpy 2.2"))),
    this("metadata-for-another-platform", f"install torch {PLATFORM} --target target", ELSEWHERE,
         uv=("install torch --python-platform x86_64-pc-windows-msvc --only-binary :all:"
             " --target target",), where="<here>/target",
         about="for another platform, the metadata of that platform's wheel",
         ends=all_alike(solved("torch 2.6.0, winning 1.0"))),
    this("a-promised-sidecar-that-is-missing", f"install {PIN} --index-url <nightly>",
         index(*FOREIGN, *PARTS, Listed(file=OURS, sidecar=Sidecar.PROMISED), name="nightly"),
         about="the index announces a metadata file and does not serve it",
         ends=Four(pip=fails("HTTP error 404"), uv=fails("404 Not Found"), guarded=fails("PIPFAST"),
                   parity=solved(DONE, WENT_ON))),
)  # fmt: skip
