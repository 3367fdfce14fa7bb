"""Starts a server on a free port of loopback, waits until it lists its models, and ends it by its id."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from interop.environments import LITELLM, LLAMA, environment, tiny_model

START_LIMIT = 120
KEY = "sk-" + secrets.token_hex(16)
"""Of litellm's proxy, which starts only with one."""
DEMO_MODELS = ("swift", "careful", "terse", "coder")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, url, *, log, key="none", **environ):
    """The process of `command`, once `url` lists models."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with Path(log).open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            env=kept | {"NO_PROXY": "*", "PYTHONUNBUFFERED": "1"} | environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield _listed(process, url, log, key)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _listed(process, url, log, key):
    end = time.monotonic() + START_LIMIT
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.addheaders = [("Authorization", f"Bearer {key}")]
    while time.monotonic() < end and process.poll() is None:
        with (
            contextlib.suppress(OSError, ValueError),
            opener.open(f"{url}/models", timeout=2) as answer,
        ):
            return [model["id"] for model in json.load(answer)["data"]]
        time.sleep(0.2)
    raise SystemExit(f"no server at {url}:\n{Path(log).read_text(errors='replace')[-4000:]}")


@contextlib.contextmanager
def llama(folder):
    """llama.cpp's server with a model of noise; its address and its models."""
    python = environment("llama", LLAMA)
    port = free_port()
    command = [python, "-m", "llama_cpp.server", "--model", tiny_model(python), "--chat_format", "chatml"]
    command += ["--host", "127.0.0.1", "--port", port, "--n_ctx", "2048"]
    url = f"http://127.0.0.1:{port}/v1"
    with running(command, url, log=folder / "llama.log") as models:
        yield url, models


@contextlib.contextmanager
def litellm(folder):
    """litellm's proxy in front of the program's own demo server; its address and its models."""
    python = environment("litellm", LITELLM)
    demo_port, port = free_port(), free_port()
    demo_url = f"http://127.0.0.1:{demo_port}/v1"
    listed = [
        {
            "model_name": f"proxied-{name}",
            "litellm_params": {"model": f"openai/demo/{name}", "api_base": demo_url, "api_key": "none"},
        }
        for name in DEMO_MODELS
    ]
    config = folder / "litellm.yaml"
    config.write_text(json.dumps({"model_list": listed, "litellm_settings": {"telemetry": False}}))
    demo = [sys.executable, "-m", "ostream_compare.demo", "--port", demo_port]
    proxy = [python.parent / "litellm", "--config", config, "--host", "127.0.0.1", "--port", port]
    url = f"http://127.0.0.1:{port}/v1"
    with (
        running(demo, demo_url, log=folder / "demo.log"),
        running(
            proxy,
            url,
            log=folder / "litellm.log",
            key=KEY,
            LITELLM_MASTER_KEY=KEY,
            LITELLM_LOCAL_MODEL_COST_MAP="True",
        ) as models,
    ):
        yield url, models
