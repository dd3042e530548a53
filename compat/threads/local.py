"""uv#11038: sources whose metadata or wheel adds a local segment to the version."""

from __future__ import annotations

from functools import partial

from compat.kit.index import index
from compat.threads.ask import Four, Thread, ask, fails, solved
from compat.threads.lines import LAX, SAME
from compat.threads.packages import gptqmodel, vllm
from tests.kit.wheels import wheel

this = partial(ask, Thread.LOCAL)

INCONSISTENT = "has inconsistent version: expected '0.7.0', but metadata has '0.7.0+cpu'"

VLLM = vllm("0.7.0", "cpu", "numpy")
NUMPY = wheel("numpy", "2.0")
MAIN = index(VLLM, NUMPY)
OLDER = index(VLLM, NUMPY, wheel("vllm", "0.6.6.post1", "numpy"))
DONE = "vllm 0.7.0+cpu, numpy 2.0"
LOCAL = "cu124torch2.5"
GPTQ = index(gptqmodel("1.8.1", LOCAL))
BUILT = f"gptqmodel 1.8.1+{LOCAL}"
MISNAMED = index(wheel("vllm", "0.7.0", metadata_version="0.7.0+cpu"))
FORCED = "install --force-reinstall"

ASKS = (
    this("vllm-says-cpu", "install vllm==0.7.0", MAIN,
         about="`vllm==0.7.0`, whose sdist has version 0.7.0+cpu on macOS",
         ends=Four(pip=fails(INCONSISTENT), uv=solved(DONE), guarded=fails(LAX),
                   parity=solved(DONE, SAME))),
    this("vllm-says-cpu-and-an-older-one-does-not", "install vllm", OLDER,
         about="not pinned, with an older wheel: pip's choice is kept",
         ends=Four(pip=solved("vllm 0.6.6.post1, numpy 2.0", INCONSISTENT), uv=solved(DONE),
                   parity=solved("vllm 0.6.6.post1, numpy 2.0"))),
    this("an-application-pins-vllm", "install app", index(*MAIN.files, wheel("app", "1",
         "vllm==0.7.0")), about="the pin is in another project's metadata",
         ends=Four(pip=fails(INCONSISTENT), uv=solved(f"app 1, {DONE}"), guarded=fails(LAX),
                   parity=solved(f"app 1, {DONE}", SAME))),
    this("vllm-again", "install vllm==0.7.0", MAIN, then=("install vllm==0.7.0",
         "install -U vllm", f"{FORCED} vllm==0.7.0"),
         about="installed again, upgraded, and reinstalled from a warm cache",
         ends=Four(pip=fails(INCONSISTENT), uv=solved(DONE), guarded=fails(LAX),
                   parity=solved(DONE, SAME))),
    this("vllm-in-a-range", "install vllm>=0.6,<0.8", MAIN, about="a range instead of a pin",
         ends=Four(pip=fails(INCONSISTENT), uv=solved(DONE), guarded=fails(LAX),
                   parity=solved(DONE, SAME))),
    this("gptqmodel-builds-cu124", "install gptqmodel==1.8.1", GPTQ,
         about=f"GPTQModel 1.8.1, whose built wheel has version 1.8.1+{LOCAL}",
         ends=Four(pip=solved(BUILT), uv=solved(BUILT), guarded=fails(LAX),
                   parity=solved(BUILT))),
    this("gptqmodel-from-a-warm-cache", "install gptqmodel==1.8.1", GPTQ,
         then=(f"{FORCED} gptqmodel==1.8.1",),
         about="the same again, with the built wheel in the cache",
         ends=Four(pip=fails("No matching distribution found for gptqmodel==1.8.1", BUILT),
                   uv=solved(BUILT), guarded=fails(LAX), parity=solved(BUILT))),
    this("a-wheel-whose-name-lacks-the-label", "install vllm==0.7.0", MISNAMED,
         about="a wheel `vllm-0.7.0-….whl` whose METADATA has version 0.7.0+cpu",
         ends=Four(pip=fails(INCONSISTENT), uv=fails("Wheel version does not match filename"),
                   guarded=fails(LAX),
                   parity=solved("vllm 0.7.0+cpu", SAME))),
)  # fmt: skip
