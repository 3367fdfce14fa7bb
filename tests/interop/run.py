"""The whole program against servers that nobody here wrote, headless and in a terminal.

    run.py [llama] [litellm]

Prints what each server did, and exits with 1 when something does not hold.
"""

import fcntl
import json
import os
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from interop import servers

LIMIT = 120
SIZE = (40, 120)
DONE = re.compile(rb"4/4 done")
POINTER = re.compile(rb"\x1b\]22;[a-z-]*\x07")
"""Textual sets the shape of the mouse's pointer."""
FOREIGN = re.compile(rb"\x1b\]|\x1b[PX^_]|\xc2[\x80-\x9f]|\x07|\x08|\x0b|\x0c")
"""Bytes that Textual never sends: window titles, clipboards, C1, bells."""
CTRL_Q = b"\x11"


def config(folder, url, models, of_provider, extra):
    """Four lanes, whatever the server has."""
    text = f'[providers.there]\nbase_url = "{url}"\n{of_provider}\n'
    for lane in range(4):
        model = models[lane % len(models)]
        text += f'[[models]]\nname = "Lane {lane + 1}"\nprovider = "there"\n'
        text += f"model = {json.dumps(model)}\n{extra}\n"
    path = folder / "models.toml"
    path.write_text(text)
    return path


def environ(folder):
    return {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
        "INTEROP_KEY": servers.KEY,
    }


def headless(folder, path):
    done = subprocess.run(
        [sys.executable, "-m", "ostream_compare", path, "-p", "Explain a mutex.", "--format", "json"],
        env=environ(folder),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def in_a_terminal(folder, path):
    """The exit code of a run in the UI that is left with ctrl+q, and every byte that the terminal got."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    program = subprocess.Popen(
        [sys.executable, "-m", "ostream_compare", path, "-p", "Explain a semaphore."],
        env=environ(folder),
        cwd=folder,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    screen, end, left = b"", time.monotonic() + LIMIT, False
    try:
        while time.monotonic() < end and program.poll() is None:
            if select.select([master], [], [], 0.2)[0]:
                try:
                    screen += os.read(master, 1 << 18)
                except OSError:
                    break
            if not left and DONE.search(screen):
                os.write(master, CTRL_Q)
                left = True
        return program.wait(10), POINTER.sub(b"", screen)
    finally:
        program.kill()
        program.wait()
        os.close(master)


def flaws(responses):
    """What does not hold of answers that came."""
    for response in responses:
        name, timing, usage = response["name"], response["timing"], response["usage"]
        if response["state"] != "complete" or response["error"] is not None:
            yield f"{name}: {response['state']} {response['error']}"
        if timing["ttft_ms"] is None or timing["e2e_ms"] is None:
            yield f"{name}: no times"
        if usage["source"] == "none" and (usage["output_tokens"] is not None):
            yield f"{name}: a count from nowhere"
        if usage["output_tokens"] is None and response["estimate"]["output_tokens"] is None:
            yield f"{name}: neither a count nor an estimate"


def check(name, server, of_provider, extra):
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with server(folder) as (url, models):
            path = config(folder, url, models, of_provider, extra)
            code, saved = headless(folder, path)
            found += [f"headless: exit {code}"] * (code != 0) + list(flaws(saved["responses"]))
            for response in saved["responses"]:
                usage = response["usage"]
                print(
                    f"  {response['name']}: {response['state']}, {response['finish_reason']}, served as "
                    f"{response['served_model']}, {len(response['content'])} characters, usage from "
                    f"{usage['source']}, warnings {response['warnings']}"
                )
            code, screen = in_a_terminal(folder, path)
            found += [f"terminal: exit {code}"] * (code != 0)
            found += ["terminal: never 4/4 done"] * (not DONE.search(screen))
            found += [
                f"terminal: {screen[max(0, m.start() - 20) : m.end() + 5]!r} came through"
                for m in FOREIGN.finditer(screen)
            ][:3]
    print(f"{name}: " + ("; ".join(found) if found else "all holds"))
    return not found


SERVERS = {
    # It interrupts what it answers when another request comes: one at a time, or answers are empty.
    "llama": (servers.llama, "max_parallel = 1", "max_tokens = 120\ntemperature = 1.5"),
    "litellm": (servers.litellm, 'api_key_env = "INTEROP_KEY"', "max_tokens = 800"),
}


def main(names):
    results = [check(name, *SERVERS[name]) for name in names or SERVERS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
