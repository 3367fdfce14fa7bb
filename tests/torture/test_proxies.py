"""Proxies of the environment: this machine is never asked through one, and a wrong one costs one lane."""

import pytest

from torture.program import LIMIT, Home, models_toml, without_screen
from torture.sizes import size
from wire.script import plain_stream

SCHEMES = ["http", "socks5"]
NAMES = [
    ("HTTP_PROXY", "HTTPS_PROXY"),
    ("ALL_PROXY",),
    ("http_proxy", "https_proxy"),
    ("ALL_PROXY", "NO_PROXY"),
]
EVERY = [(scheme, names) for scheme in SCHEMES for names in NAMES]
ELSEWHERE = "https://models.example.invalid/v1"


@pytest.mark.parametrize(("scheme", "names"), size([*zip(SCHEMES * 2, NAMES, strict=True)], EVERY))
def test_this_machine_is_never_asked_through_a_proxy(tmp_path, serve, scheme, names):
    home = Home(tmp_path)
    site, trap = serve(plain_stream()), serve(plain_stream())
    proxy = f"{scheme}://127.0.0.1:{trap.port}"
    environ = {name: "example.com" if name == "NO_PROXY" else proxy for name in names}
    local = f"http://localhost:{site.port}/v1"
    file = home.file(models_toml(site.base_url, local, count=1))
    with without_screen(home, file, "-p", "hi", **environ) as process:
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, err
    assert [response.content for response in home.saved()[0].responses] == ["Hello", "Hello"]
    assert trap.connections == []


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:9", "socks9://user:hunter2@127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_is_told_by_the_lane_that_needs_it(tmp_path, serve, proxy):
    home = Home(tmp_path)
    site = serve(plain_stream())
    file = home.file(models_toml(site.base_url, ELSEWHERE, count=1))
    with without_screen(home, file, "-p", "hi", ALL_PROXY=proxy) as process:
        out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, err
    here, there = home.saved()[0].responses
    assert (here.state, here.content) == ("complete", "Hello")
    assert (there.state, there.error.kind) == ("failed", "connect")
    assert "proxy" in there.error.message
    assert b"hunter2" not in out + err + home.logged()
    assert b"Traceback" not in err
