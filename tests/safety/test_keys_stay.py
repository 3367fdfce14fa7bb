"""Goal 13: a canary goes to its provider alone, as a key, in a header or a body, whatever a server echoes."""

import hashlib
import json
from pathlib import Path

import pytest

from safety.echo import Echo
from safety.printed import printed
from safety.sitting import ESCAPE, Sitting
from torture.program import Home, children

KEY = "sk-canary-0123456789abcdef"
OTHER = "sk-command-fedcba9876543210"
PROXY = "proxy-canary-5555"
FOREIGN = "sk-foreign-7777888899990000"
GATE = "gate-canary-1357913579"
SESSION = "session-canary-2468024680"
VAULT = "vault-canary-9753197531"
PLAIN = "plain-canary-8642086420abc"
SECRETS = [secret.encode() for secret in (KEY, OTHER, PROXY, FOREIGN, GATE, SESSION, VAULT, PLAIN)]
FORMS = ("toml", "json", "csv", "md", "html", "junit")
MODELS = ("error", "headers", "broken", "redirect", "page", "echo", "answer")
ENVIRON = {
    "MY_KEY": KEY,
    "OPENAI_API_KEY": FOREIGN,
    "OPENAI_ORG_ID": FOREIGN,
    "OPENAI_CUSTOM_HEADERS": f"X-Leak: {FOREIGN}",
    "HTTP_PROXY": f"http://user:{PROXY}@127.0.0.1:9",
    "HTTPS_PROXY": f"http://user:{PROXY}@127.0.0.1:9",
}


def config(origin):
    """Every model by both ways of giving a key."""
    return (
        f'[providers.env]\nbase_url = "{origin}/v1"\napi_key_env = "MY_KEY"\n'
        f'headers = {{ X-Gateway-Token = "{GATE}" }}\n'
        f'[providers.cmd]\nbase_url = "{origin}/v1"\napi_key_cmd = ["echo", "{OTHER}"]\n'
        '[providers.far]\nbase_url = "https://far.example/v1"\napi_key_env = "MY_KEY"\n'
        + "".join(
            f'[[models]]\nname = "{provider} {model}"\nprovider = "{provider}"\nmodel = "{model}"\n'
            f'extra_headers = {{ X-Session = "Bearer {SESSION}", X-Upstream = "{PLAIN}" }}\n'
            f'extra_body = {{ vault = {{ password = "{VAULT}" }} }}\n'
            for provider in ("env", "cmd")
            for model in MODELS
        )
        + '[[models]]\nname = "far"\nprovider = "far"\nmodel = "m"\n'
    )


def leaks(folder, config_name):
    """Files below `folder` with a secret in them."""
    return [
        (path, secret)
        for path in folder.rglob("*")
        if path.is_file() and path.name != config_name
        for secret in SECRETS
        if secret in path.read_bytes()
    ]


@pytest.fixture
def places(tmp_path):
    """A home, the provider's origin, and another one."""
    with Echo() as elsewhere, Echo(elsewhere.origin) as near:
        home = Home(tmp_path)
        home.file(config(near.origin))
        yield home, near, elsewhere


def test_no_key_is_left_on_the_screen_in_a_file_or_at_a_stranger(places):
    home, near, elsewhere = places
    with Sitting(home, "models.toml", "-p", "hello", **ENVIRON) as sitting:
        sitting.shows("15/15 done")
        (child,) = children(sitting.process.pid)
        inside = Path(f"/proc/{child}/environ").read_bytes() + Path(f"/proc/{child}/cmdline").read_bytes()
        assert b"OPENAI_" not in inside
        for secret in (KEY, OTHER, FOREIGN):
            assert secret.encode() not in inside
        sitting.visit(ESCAPE)
        sitting.visit(b"t", "Results")
        sitting.visit(ESCAPE, "done")
        sitting.visit(b"s", "Saved")
        sitting.visit(b"e", "Export")
        sitting.visit(b"\r", "Exported")
        sitting.press(b"\x11")
        assert sitting.exit_code() == 0
        assert not [secret for secret in SECRETS if secret in sitting.seen]
    assert leaks(home.path, "models.toml") == []
    assert elsewhere.seen == [], "no redirect is followed to another origin"
    sent = b"".join(repr(headers).encode() + body for _, headers, body in near.seen)
    assert KEY.encode() in sent
    assert OTHER.encode() in sent
    assert GATE.encode() in sent
    assert SESSION.encode() in sent
    assert PLAIN.encode() in sent
    assert VAULT.encode() in sent
    assert FOREIGN.encode() not in sent, "and nothing of OPENAI_* goes to a host that did not ask"
    assert PROXY.encode() not in sent


@pytest.mark.parametrize("more", [*(("--format", form) for form in FORMS), ("--plain", "-v")])
def test_no_key_is_printed_or_exported(places, more):
    home, _, elsewhere = places
    said = printed(home, "models.toml", "--headless", "-p", "hello", *more, **ENVIRON)
    assert b"answer" in said
    assert not [secret for secret in SECRETS if secret in said]
    assert leaks(home.path, "models.toml") == []
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    "command",
    [
        ("doctor",),
        ("models", "models.toml"),
        ("models", "models.toml", "--format", "json"),
        ("validate", "models.toml"),
        ("models.toml", "--dry-run", "-p", "hello"),
    ],
)
def test_no_command_tells_a_key(places, command):
    home, _, _ = places
    said = printed(home, *command, OSTREAM_COMPARE_CONFIG="models.toml", **ENVIRON)
    assert said
    assert not [secret for secret in SECRETS if secret in said]


def test_no_command_tells_a_key_of_an_earlier_run(places):
    home, _, _ = places
    printed(home, "models.toml", "--headless", "-p", "hello", **ENVIRON)
    for command in (
        ("history",),
        ("show", "last"),
        *(("export", "last", "--format", form) for form in FORMS),
    ):
        said = printed(home, *command, **ENVIRON)
        assert b"echo" in said or command == ("history",), command
        assert not [secret for secret in SECRETS if secret in said], command
    assert leaks(home.path, "models.toml") == []


def test_secrets_of_the_body_are_in_no_log_and_a_run_that_goes_on_sends_them_again(tmp_path):
    vault = {
        "password": "S3cr3t-päss-äöü-99",
        "pin": "kept",
        "secret_key": "short",
        "api_keys": ["one-1", "two-2"],
    }
    body = ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in vault.items())
    with Echo() as near:
        home = Home(tmp_path)
        home.file(
            f'[providers.p]\nbase_url = "{near.origin}/v1"\n'
            f'[[models]]\nname = "a"\nprovider = "p"\nmodel = "answer"\n'
            f"extra_body = {{ vault = {{ {body} }} }}\n"
        )
        printed(home, "models.toml", "--headless", "-p", "hello")
        (log,) = home.runs.glob("*.jsonl")
        header = log.read_bytes().splitlines(keepends=True)[0]
        log.write_bytes(header)
        printed(home, "models.toml", "--headless", "--resume", "last")
        assert [json.loads(sent)["vault"] for _, _, sent in near.seen] == [vault, vault]
    assert json.loads(header[9:])["presets"][0]["params"]["extra_body"]["vault"] == {
        "password": "[key]",
        "pin": "kept",
        "secret_key": "[key]",
        "api_keys": ["[key]", "[key]"],
    }
    logged = home.logged().decode()
    assert not [word for word in ("S3cr3t", "short", "one-1", "two-2") if word in logged]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost"])
def test_no_name_of_this_machine_goes_through_a_proxy(tmp_path, host):
    with Echo() as proxy, Echo() as near:
        home = Home(tmp_path)
        home.file(config(f"http://{host}:{near.port}"))
        environ = ENVIRON | dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), proxy.origin)
        printed(home, "models.toml", "--headless", "-p", "hello", "-m", "env answer", **environ)
        assert proxy.seen == []


def test_a_repository_cannot_bring_its_own_trust(tmp_path):
    with Echo() as near:
        home = Home(tmp_path)
        home.file(config(near.origin).replace('"MY_KEY"', '"OPENAI_API_KEY"'))
        digest = hashlib.sha256((tmp_path / "models.toml").read_bytes()).hexdigest()
        for folder in (tmp_path, tmp_path / ".ostream-compare", tmp_path / "ostream-compare"):
            folder.mkdir(exist_ok=True)
            (folder / "trusted").write_text(f"{digest} 2026-11-22T00:00:00Z models.toml\n")
        printed(home, "models.toml", "--headless", "-p", "hello", "-m", "env answer", **ENVIRON)
        assert near.seen == []
