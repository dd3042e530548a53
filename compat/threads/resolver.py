"""uv#7879: requirements that pip installs, from several indexes and from source."""

from __future__ import annotations

from functools import partial

from compat.kit.index import index
from compat.kit.repositories import Commit, Repository
from compat.threads.ask import Four, Thread, all_alike, ask, fails, solved
from compat.threads.lines import NO_TORCH, SAW, SEE
from compat.threads.packages import SETUPTOOLS, saw, setup_script, torch
from tests.kit.wheels import wheel

this = partial(ask, Thread.RESOLVER)

CUDNN = "nvidia-cudnn-cu12"
NVIDIA = index(
    wheel("tensorrt-llm", "0.12.0", "torch>=2.4.0a0,<=2.4.0"),
    wheel("tensorrt-llm", "0.13.0.dev2024082000", "torch>=2.4.0a0,<=2.4.0"),
    wheel(CUDNN, "9.0.0"),
    name="nvidia",
)
PYPI = index(torch("2.4.0", f"{CUDNN}==9.1.0.70"), torch("2.5.0"), wheel(CUDNN, "9.1.0.70"))
TENSORRT = f"torch 2.4.0, {CUDNN} 9.1.0.70, tensorrt-llm "

TORCHES = (torch("2.3.0"), torch("2.4.0"))
FLASH = setup_script("flash-attn", "2.6.1", "torch")
SOURCES = index(*TORCHES, SETUPTOOLS, FLASH.sdist())
ROTARY = Repository(
    name="flash-attention",
    commits=(
        Commit(files={"README": "", **setup_script("rotary-emb", "0.1").under("csrc/rotary")}),
    ),
)
BUILT = "torch 2.4.0, flash-attn 2.6.1"

ASKS = (
    this("an-extra-index-has-another-version", "install tensorrt_llm~=0.12 --pre"
         " --extra-index-url <nvidia>", PYPI, NVIDIA,
         about="`tensorrt_llm` from NVIDIA's index requires a cudnn that only the main index has",
         ends=Four(pip=solved(f"{TENSORRT}0.13.0.dev2024082000"),
                   uv=fails(f"there is no version of {CUDNN}==9.1.0.70"),
                   guarded=solved(f"{TENSORRT}0.13.0.dev2024082000"),
                   parity=solved(f"{TENSORRT}0.13.0.dev2024082000"))),
    this("the-newest-is-on-the-main-index", "install demo --extra-index-url <private>",
         index(wheel("demo", "2.0")), index(wheel("demo", "1.0"), name="private"),
         about="the best version of all indexes, as pip selects it",
         ends=Four(pip=solved("demo 2.0"), uv=solved("demo 1.0"), guarded=solved("demo 2.0"),
                   parity=solved("demo 2.0"))),
    this("a-dependency-of-the-newest-on-another-index", "install -r requirements.txt",
         index(wheel("tool", "1.0"), wheel("tool", "3.0")),
         index(wheel("tool", "2.0"), name="one"), index(wheel("app", "1", "tool>=3"), name="two"),
         files={"requirements.txt": "--extra-index-url <one>\n--extra-index-url <two>\napp\n"},
         about="a requirements file with two extra indexes that have old copies of some projects",
         ends=Four(pip=solved("app 1, tool 3.0"), uv=fails("only tool==2.0 is available"),
                   guarded=solved("app 1, tool 3.0"), parity=solved("app 1, tool 3.0"))),
    this("flash-attn-after-torch", "install torch==2.3.0", SOURCES, then=("install flash-attn",),
         about="a second command whose `setup.py` imports what the first one installed",
         ends=Four(pip=fails(NO_TORCH, "torch 2.3.0"), uv=fails(NO_TORCH, "torch 2.3.0"),
                   guarded=fails(SEE, "torch 2.3.0"),
                   parity=solved("torch 2.3.0, flash-attn 2.6.1", SAW)),
         proof=saw("flash_attn"), proves="2.3.0"),
    this("a-part-of-a-repository-after-torch", "install torch==2.3.0", SOURCES,
         then=(("install", "git+<flash-attention.git>#subdirectory=csrc/rotary"),),
         repositories=(ROTARY,), about="the same from `csrc/rotary` of a git repository",
         ends=Four(pip=fails(NO_TORCH, "torch 2.3.0"), uv=fails(NO_TORCH, "torch 2.3.0"),
                   guarded=fails(SEE, "torch 2.3.0"),
                   parity=solved("torch 2.3.0, rotary-emb 0.1", SAW)),
         proof=saw("rotary_emb"), proves="2.3.0"),
    this("torch-and-flash-attn-in-one-file", "install -r requirements.txt", SOURCES,
         files={"requirements.txt": "torch\nflash-attn\n"},
         about="both in one requirements file, nothing installed before",
         ends=Four(pip=fails(NO_TORCH), uv=fails(NO_TORCH), guarded=fails(SEE),
                   parity=solved(BUILT, SAW)),
         proof=saw("flash_attn"), proves="2.4.0"),
    this("flash-attn-before-torch", "install flash-attn torch==2.3.0", SOURCES,
         about="both in one command, torch last and pinned",
         ends=Four(pip=fails(NO_TORCH), uv=fails(NO_TORCH), guarded=fails(SEE),
                   parity=solved("torch 2.3.0, flash-attn 2.6.1", SAW)),
         proof=saw("flash_attn"), proves="2.3.0"),
    this("pips-own-recipe", "install torch setuptools", SOURCES,
         then=("install --no-build-isolation flash-attn",),
         about="the two commands that work with pip",
         ends=all_alike(solved(f"{BUILT}, setuptools {SETUPTOOLS.filename.split('-')[1]}")),
         proof=saw("flash_attn"), proves="2.4.0"),
)  # fmt: skip
