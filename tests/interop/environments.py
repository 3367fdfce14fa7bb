"""Environments of the servers that nobody here wrote: made once, in the user's cache."""

import os
import subprocess
import sys
from pathlib import Path

LLAMA = ("llama-cpp-python[server]==0.3.36", "gguf", "numpy")
LITELLM = ("litellm[proxy]==1.106.2",)
BUILD_LIMIT = 3600


def cache():
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "ostream-compare" / "interop"


def environment(name, packages):
    """The python of an environment with `packages`; llama.cpp takes ten minutes to build."""
    folder = cache() / name
    ready = folder / ".ready"
    if not ready.exists():
        print(f"making the environment of {name} in {folder} ...", flush=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = [folder / "bin/python", "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(install, check=True, timeout=BUILD_LIMIT)
        ready.touch()
    return folder / "bin" / "python"


def tiny_model(python):
    """The tiny model's file; written by the environment that reads it."""
    path = cache() / "tiny-noise.gguf"
    if not path.exists():
        script = Path(__file__).with_name("tiny_gguf.py")
        subprocess.run([python, script, path], check=True, timeout=120)
    return path
