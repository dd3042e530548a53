"""uv#7990: local version labels, old versions that cannot be built, files in use."""

from __future__ import annotations

from functools import partial

from compat.kit.index import index
from compat.kit.repositories import Commit, Repository
from compat.threads.ask import Four, Running, Thread, all_alike, ask, fails, solved
from compat.threads.lines import WHEELS
from compat.threads.packages import ancient, pillow, torch
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import wheel

this = partial(ask, Thread.WRONG)

CU118 = index(
    *(torch(f"{version}+cu118") for version in ("2.2.0", "2.3.0", "2.4.0")),
    *(wheel("torchvision", f"{version}+cu118", f"torch=={needs}")
      for version, needs in (("0.17.0", "2.2.0"), ("0.18.0", "2.3.0"), ("0.19.0", "2.4.0"))),
    *(wheel("torchaudio", f"{version}+cu118", f"torch=={version}")
      for version in ("2.2.0", "2.3.0", "2.4.0")),
    name="cu118",
)  # fmt: skip
THREE = "torch 2.3.0+cu118, torchvision 0.18.0+cu118, torchaudio 2.3.0+cu118"
PLAIN = index(torch("2.3.0"), torch("2.3.1"), wheel("vocos", "0.1.0", "torch"))

BROKEN = "this setup.py was written for Python 2"
OLD_TTS = ancient("tts", "0.0.1", why=BROKEN)
TALK = index(
    wheel("numpy", "1.26"), wheel("numpy", "2.1"), BACKEND,
    wheel("whisper", "1.0", "numpy"), wheel("whisper", "2.0", "numpy>=2"),
    wheel("tts", "8.0", "numpy<2"), OLD_TTS,
)  # fmt: skip
OLD_WHISPER = index(
    wheel("numpy", "1.26"), wheel("numpy", "2.1"), BACKEND,
    ancient("whisper", "1.0", "numpy", why=BROKEN), wheel("whisper", "2.0", "numpy>=2"),
    wheel("tts", "8.0", "numpy<2"), wheel("tts", "7.0"),
)  # fmt: skip
BARK = Repository(
    name="bark", commits=(Commit(files=project("suno-bark", "0.1", "torch", "numpy").tree),)
)
PILLOWS = index(pillow("10.3.0"), wheel("gradio", "4.1", "pillow>=10"))
IN_USE = Running(
    "import sys, PIL._imaging as it\nprint(it.version(), flush=True)\n"
    "sys.stdin.readline()\nprint(it.version())", "9.5.0")  # fmt: skip
READING = Running(
    "import sys, mmap, model\nfile = open(model.__file__.replace('__init__.py', 'weights'), 'rb')\n"
    "held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)\nprint(held[:3], flush=True)\n"
    "sys.stdin.readline()\nprint(held[:3])", "b'old'")  # fmt: skip
NEW_MODEL = wheel("model", "2", files={"model/__init__.py": "", "model/weights": "new" * 9999})
OLD_MODEL = wheel("model", "1", files={"model/__init__.py": "", "model/weights": "old" * 9999})

ASKS = (
    this("a-pin-without-its-label", "install torch==2.3.0 torchvision torchaudio --index-url"
         " <cu118>", CU118, about="`torch==2.3.0` from an index that has 2.3.0+cu118 only",
         ends=all_alike(solved(THREE))),
    this("a-pin-on-both-indexes", "install torch==2.3.0 --extra-index-url <cu118>", PLAIN, CU118,
         about="the same with the main index: the local version wins, as with pip",
         ends=Four(pip=solved("torch 2.3.0+cu118"), uv=solved("torch 2.3.0+cu118"),
                   guarded=solved("torch 2.3.0"), parity=solved("torch 2.3.0+cu118"))),
    this("a-label-that-is-installed", "install torch==2.3.0 -r requirements.txt", PLAIN,
         before=(torch("2.3.0+cu118"),), files={"requirements.txt": "vocos==0.1.0\n"},
         about="an image that contains torch 2.3.0+cu118, and `torch==2.3.0 -r requirements.txt`",
         ends=all_alike(solved("torch 2.3.0+cu118, vocos 0.1.0"))),
    this("a-source-of-git-beside-a-pin", "install torch==2.3.0 -r requirements.txt",
         index(*PLAIN.files, wheel("numpy", "2.1")), repositories=(BARK,),
         files={"requirements.txt": "suno-bark @ git+<bark.git>@main\nvocos==0.1.0\n"},
         about="a requirements file with a git repository that depends on the pinned torch",
         ends=all_alike(solved("torch 2.3.0, suno-bark 0.1, numpy 2.1, vocos 0.1.0"))),
    this("the-old-one-that-pip-does-not-choose", ("install", "whisper", "tts<9"), TALK,
         about="uv selects an old sdist that cannot be built, pip does not",
         ends=Four(pip=solved("whisper 1.0, tts 8.0, numpy 1.26"), uv=fails(BROKEN),
                   parity=solved("whisper 1.0, tts 8.0, numpy 1.26"))),
    this("the-old-one-that-pip-chooses", ("install", "whisper", "tts<9"), OLD_WHISPER,
         about="pip selects the old sdist, and another selection would work",
         ends=Four(pip=fails(BROKEN), uv=solved("whisper 2.0, tts 7.0, numpy 2.1"),
                   guarded=fails("--only-binary whisper"),
                   parity=solved("whisper 2.0, tts 7.0, numpy 2.1", WHEELS))),
    this("an-extension-in-use", "install gradio", PILLOWS, before=(pillow("9.5.0"),),
         about="an extension module is replaced while an application has it loaded",
         ends=all_alike(solved("gradio 4.1, pillow 10.3.0")), running=IN_USE,
         proof="import PIL._imaging as it\nprint(it.version())", proves="10.3.0"),
    this("a-data-file-in-use", "install -U model", index(NEW_MODEL), before=(OLD_MODEL,),
         about="a data file is replaced while an application has it memory-mapped",
         ends=all_alike(solved("model 2")), running=READING),
)  # fmt: skip
