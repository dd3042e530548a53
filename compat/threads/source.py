"""uv#7299: sources that are built during the resolution."""

from __future__ import annotations

from functools import partial

from compat.kit.index import index
from compat.kit.repositories import Commit, Repository
from compat.threads.ask import Four, Thread, all_alike, ask, fails, solved
from compat.threads.lines import NO_TORCH, SAW, SEE
from compat.threads.packages import METADATA, WHEEL, needy, saw, torch
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import wheel

this = partial(ask, Thread.SOURCE)

TORCHES = (torch("2.3.0"), torch("2.4.0"))
FLASH = needy("flash-attn", "2.6.1", "torch")
MAIN = index(*TORCHES, BACKEND, FLASH.sdist())
DETECTRON = Repository(
    name="detectron2", commits=(Commit(files=needy("detectron2", "0.6", "torch").tree),)
)
DONE = "torch 2.4.0, flash-attn 2.6.1"
OTHER = torch("2.4.0")
RENAMED = wheel("pytorch-build", "2.4.0", files={"torch/__init__.py": "VERSION = '2.4.0'\n"})
NEEDS_CUDA = {"wants": {WHEEL: ["CUDA_HOME"]}, "variables": ["CUDA_HOME"]}
CUDA_PROOF = (
    "import json, pathlib, apex\nbuilt = pathlib.Path(apex.__file__).with_name('built.json')\n"
    "print(json.loads(built.read_text())['variables']['CUDA_HOME'])"
)
APEX = index(BACKEND, project("apex", needs=("kit-backend",), backend=NEEDS_CUDA).sdist())
VLLMS = index(
    wheel("numpy", "1.26"), wheel("numpy", "2.3.1"), BACKEND, *TORCHES,
    *(wheel("vllm", version, "numpy<2", "torch") for version in ("0.3.0", "0.8.0", "0.9.0")),
    needy("vllm", "0.2.5", "numpy", "torch", backend={"wants": {WHEEL: ["CUDA_HOME"]}}).sdist(),
)  # fmt: skip
NO_CUDA = "CUDA_HOME environment variable is not set."
TOOLKIT = "the build looked for the CUDA toolkit (CUDA_HOME, nvcc, its headers)"
COMPILE = needy("model", "1", "torch; extra == 'compile'", extras=("compile",))


def one_fails(installed: str, left: str = "") -> Four:
    """Only parity mode solves it."""
    return Four(pip=fails(NO_TORCH, left), uv=fails(NO_TORCH, left), guarded=fails(SEE, left),
                parity=solved(installed, SAW))  # fmt: skip


ASKS = (
    this("torch-is-needed-to-ask-for-requirements", "install torch flash-attn", MAIN,
         about="torch is imported by the hook for build requirements",
         ends=one_fails(DONE), proof=saw("flash_attn"), proves="2.4.0"),
    this("torch-is-needed-for-the-metadata", "install torch flash-attn", index(*TORCHES, BACKEND,
         needy("flash-attn", "2.6.1", "torch", hook=METADATA).sdist()),
         about="torch is imported by the metadata hook",
         ends=one_fails(DONE), proof=saw("flash_attn"), proves="2.4.0"),
    this("torch-is-needed-for-the-wheel", "install torch flash-attn", index(*TORCHES, BACKEND,
         needy("flash-attn", "2.6.1", "torch", hook=WHEEL).sdist()),
         about="torch is imported when the wheel is built, after the resolution",
         ends=one_fails(DONE), proof=saw("flash_attn"), proves="2.4.0"),
    this("only-the-source-is-asked-for", "install flash-attn", index(*TORCHES, BACKEND,
         needy("flash-attn", "2.6.1", "torch<2.4", hook=WHEEL).sdist()),
         about="torch is only a dependency of the project that needs it to be built",
         ends=one_fails("torch 2.3.0, flash-attn 2.6.1"), proof=saw("flash_attn"),
         proves="2.3.0"),
    this("detectron2-from-git", ("install", "torch>=2.3.1", "detectron2 @ git+<detectron2.git>"),
         MAIN, repositories=(DETECTRON,), about="`torch>=2.3.1` and detectron2 from git",
         ends=one_fails("torch 2.4.0, detectron2 0.6"), proof=saw("detectron2"), proves="2.4.0"),
    this("an-extra-of-a-folder", ("install", "./model[compile]"), MAIN,
         files=COMPILE.under("model"), before=(OTHER,),
         about="`pip install .[compile]`, torch installed",
         ends=one_fails("torch 2.4.0, model 1", left="torch 2.4.0"), proof=saw("model"),
         proves="2.4.0"),
    this("an-editable", "install -e ./model", MAIN, files=needy("model", "1", "torch",
         backend={"imports": {"build_editable": ["torch"]}}).under("model"), before=(OTHER,),
         about="the same with `-e .`, imported while the editable is built",
         ends=one_fails("torch 2.4.0, model 1", left="torch 2.4.0")),
    this("two-such-projects", "install torch flash-attn xformers", index(
         *MAIN.files, needy("xformers", "0.0.27", "torch==2.3.0", hook=WHEEL).sdist()),
         about="two such projects, the second of which requires an older torch",
         ends=one_fails("torch 2.3.0, flash-attn 2.6.1, xformers 0.0.27"),
         proof=saw("flash_attn"), proves="2.3.0"),
    this("a-chain-of-them", "install torch xformers flash-attn", index(
         *MAIN.files, needy("xformers", "0.0.27", "flash-attn", module="flash_attn").sdist()),
         about="one needs the other to be built, which needs torch",
         ends=Four(pip=fails("No module named 'flash_attn'"), uv=fails("No module named"),
                   guarded=fails(SEE),
                   parity=solved("torch 2.4.0, flash-attn 2.6.1, xformers 0.0.27", SAW)),
         proof=saw("flash_attn"), proves="2.4.0"),
    this("a-module-of-another-name", "install pytorch-build flash-attn", index(
         RENAMED, BACKEND, needy("flash-attn", "2.6.1").sdist()),
         about="a distribution with another name provides the module `torch`",
         ends=one_fails("pytorch-build 2.4.0, flash-attn 2.6.1"), proof=saw("flash_attn"),
         proves="2.4.0"),
    this("another-torch-another-build", "install torch==2.3.0 flash-attn", MAIN,
         then=("install --force-reinstall torch==2.4.0 flash-attn",),
         about="a cached wheel is not used with another torch than it was built with",
         ends=one_fails(DONE), proof=saw("flash_attn"), proves="2.4.0"),
    this("what-is-declared-is-not-seen-through", "install torch==2.3.0 flash-attn", index(
         *TORCHES, BACKEND, project("flash-attn", "2.6.1", "torch", needs=(
             "kit-backend", "torch"), backend={"modules": ["torch"]}).sdist()),
         about="a build that declares torch is isolated and gets what it declares",
         ends=all_alike(solved("torch 2.3.0, flash-attn 2.6.1")), proof=saw("flash_attn"),
         proves="2.4.0"),
    this("cuda-home-reaches-the-build", "install apex", APEX,
         environ={"CUDA_HOME": "/opt/cuda"}, about="`CUDA_HOME` is visible to the build",
         ends=all_alike(solved("apex 1.0")), proof=CUDA_PROOF, proves="/opt/cuda"),
    this("cuda-home-is-not-set", "install apex", APEX,
         about="without it, the error says what the build looked for",
         ends=Four(pip=fails(NO_CUDA), uv=fails(NO_CUDA), guarded=fails(TOOLKIT),
                   parity=fails(TOOLKIT)),
         insoluble="there is no CUDA toolkit to build with"),
    this("vllm-of-long-ago", "install vllm numpy==2.3.1 torch", VLLMS,
         environ={"CUDA_HOME": "/opt/cuda"},
         about="`numpy==2.3.1` excludes all releases of vllm but 0.2.5, an sdist that needs torch",
         ends=one_fails("vllm 0.2.5, numpy 2.3.1, torch 2.4.0")),
    this("vllm-of-long-ago-without-cuda", "install vllm numpy==2.3.1 torch", VLLMS,
         about="the same without CUDA: the error names the requirement that led to the old version",
         ends=Four(pip=fails(NO_TORCH), uv=fails(NO_TORCH),
                   guarded=fails("vllm 0.2.5 was tried, much older than 0.9.0"),
                   parity=fails("vllm 0.2.5 is chosen, much older than 0.9.0")),
         insoluble="the only release that fits cannot be built here"),
    this("a-module-that-nobody-has", "install torch apex", index(*TORCHES, BACKEND,
         needy("apex", "1.0", module="amp_c").sdist()),
         about="a module that nothing provides: the error of the build, and a hint",
         ends=Four(pip=fails("No module named 'amp_c'"), uv=fails("No module named 'amp_c'"),
                   parity=fails("no installed or requested distribution provides it")),
         insoluble="the module is on no index"),
)  # fmt: skip
