import json
import tomllib

import pytest

from cli.endpoint import Endpoint, Program, listing
from ostream_compare.collector.discovery import LocalServer, Place
from ostream_compare.commands.init import found_locally
from ostream_compare.config.reading import loads
from ostream_compare.config.starter import starter
from ostream_compare.storage.atomic import create_file

CANARY = "sk-canary-7"
HOSTILE = [
    'quo"te',
    "new\nline",
    "esc\x1b[2J",
    "]]",
    '"]\n[[models]]\nname = "x',
    "back\\slash",
    "tab\t",
    "bidi\u202egpt",
    "lone\ud800",
    "'''",
    "# comment",
    " padded ",
    "del\x7f",
    "c1\x9b2J",
    "x" * 5000,
    "line\u2028sep",
    "ünï/日本",
]


@pytest.fixture
def run(tmp_path):
    return Program(tmp_path)


def loaded(content):
    found = loads(content, "models.toml")
    assert found.problems == ()
    return found.config


def test_a_starter_with_nothing_found_is_the_demo_with_an_example(run):
    done = run("init", "--no-discover")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"written: models.toml, models enabled: 2; next: ostream-compare models.toml\n"
    content = (run.home / "models.toml").read_bytes()
    assert [preset.name for preset in loaded(content).enabled] == ["Swift", "Careful"]
    assert b'# api_key_env = "OPENAI_API_KEY"' in content
    assert run("init", "-", "--no-discover").stdout == content


def test_what_looks_for_servers_writes_a_file_that_loads(run):
    assert loaded(run("init", "-").stdout).presets


def test_each_key_in_the_environment_gives_a_model_and_is_in_nothing(run):
    done = run("init", "-", "--no-discover", OPENAI_API_KEY=CANARY, XAI_API_KEY=CANARY, GROQ_API_KEY=" ")
    config = loaded(done.stdout)
    assert [(preset.provider.api_key_env, preset.enabled) for preset in config.presets] == [
        ("OPENAI_API_KEY", True),
        ("XAI_API_KEY", True),
        (None, False),
        (None, False),
    ]
    assert config.presets[0].provider.token_param == "max_completion_tokens"
    assert CANARY.encode() not in done.stdout + done.stderr


def test_a_file_that_is_there_is_kept_unless_told_otherwise(run):
    run.file("mine")
    kept = run("init", "--no-discover")
    assert kept.returncode == 2
    assert b"models.toml: is there already and is kept" in kept.stderr
    assert b"--force" in kept.stderr
    assert (run.home / "models.toml").read_text() == "mine"
    assert run("init", "--force", "--no-discover").returncode == 0
    assert loaded((run.home / "models.toml").read_bytes()).enabled
    assert [path.name for path in run.home.glob("*.tmp")] == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (".", "is a folder"),
        ("no/such/models.toml", "there is no folder no/such"),
        ("link.toml", "is there already"),
    ],
)
def test_places_that_cannot_be_written(run, path, said):
    (run.home / "link.toml").symlink_to("nowhere")
    done = run("init", path, "--no-discover")
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert not (run.home / "nowhere").exists()


def test_a_file_that_came_meanwhile_is_kept(tmp_path):
    path = tmp_path / "models.toml"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        create_file(path, b"theirs")
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("route", "given", "base"),
    [
        ("/v1/models", "", "/v1"),
        ("/v1/models", "/", "/v1"),
        ("/v1/models", "/v1", "/v1"),
        ("/v1/models", "/v1/models", "/v1"),
        ("/v1/models", "/v1/chat/completions", "/v1"),
        ("/models", "", ""),
        ("/api/v1/models", "/api", "/api/v1"),
        ("/v1beta/openai/models", "/v1beta/openai", "/v1beta/openai"),
    ],
)
def test_the_models_of_a_url_with_or_without_its_version(run, route, given, base):
    with Endpoint({route: (200, listing("a", "b"))}) as endpoint:
        done = run("init", "-", "--from", endpoint.origin + given)
    assert done.returncode == 0, done.stderr
    config = loaded(done.stdout)
    assert [preset.model for preset in config.enabled] == ["a", "b"]
    assert {preset.provider.base_url for preset in config.presets} == {endpoint.origin + base}


def test_a_host_of_this_machine_needs_no_scheme(run):
    with Endpoint({"/v1/models": (200, listing("a"))}) as endpoint:
        done = run("init", "-", "--from", f"127.0.0.1:{endpoint.port}")
    config = loaded(done.stdout)
    assert config.presets[0].provider.base_url == f"{endpoint.origin}/v1"
    assert config.presets[0].price is not None
    assert config.presets[0].price.free, "nobody bills for what runs on this machine"


def test_fifty_models_four_of_them_on_and_the_rest_as_comments(run):
    ids = ["text-embedding-3", *(f"model-{number}" for number in range(70)), "MODEL-1", "model-2"]
    with Endpoint({"/v1/models": (200, listing(*ids))}) as endpoint:
        done = run("init", "-", "--from", endpoint.origin)
    config = loaded(done.stdout)
    assert len(config.presets) == 50
    assert [preset.model for preset in config.enabled] == ["model-0", "model-1", "model-2", "model-3"]
    assert "# 22 more that it lists:\n#   model-49\n" in done.stdout.decode()
    assert "#   MODEL-1\n" in done.stdout.decode()


def test_hostile_names_are_left_out_or_stand_as_they_are(run):
    with Endpoint({"/v1/models": (200, listing(*HOSTILE, "Good", "good"))}) as endpoint:
        done = run("init", "--from", endpoint.origin)
    assert done.returncode == 0, done.stderr
    content = (run.home / "models.toml").read_bytes()
    config = loaded(content)
    kept = ['quo"te', "]]", "back\\slash", "'''", "# comment", "ünï/日本", "Good", "good"]
    assert [preset.model for preset in config.presets] == kept
    assert len({preset.name.casefold() for preset in config.presets}) == len(kept)
    assert set(tomllib.loads(content.decode())) == {"version", "defaults", "providers", "models", "prompts"}
    assert b"# Left out: 11 " in content
    assert not set(range(0x20)) - {0x0A} & set(content)


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (200, listing(), 3, "lists no model"),
        (200, listing("\x1b", " "), 3, "lists no model"),
        (200, b"<html>", 3, "web page"),
        (200, b'{"models": []}', 3, "not with a list"),
        (200, b"[" + b" " * 10_000_000, 3, "too long"),
        (401, b"{}", 3, "401: it wants a key (name its key's variable with --key-env)"),
        (404, b"{}", 3, "404"),
        (500, b"{}", 3, "500"),
    ],
)
def test_an_endpoint_that_lists_nothing_writes_nothing(run, status, body, code, said):
    with Endpoint({"/v1/models": (status, body)}) as endpoint:
        done = run("init", "--from", f"{endpoint.origin}/v1")
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr.decode()
    assert not (run.home / "models.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--from", "ftp://x"), 2, "--from: must begin with http"),
        (("--from", f"https://user:{CANARY}@models.example"), 2, "must not hold a user name"),
        (("--from", f"https://models.example/v1?key={CANARY}"), 2, "must not hold ?"),
        (("--from", "https://models.example", "--key-env", CANARY), 2, "--key-env: must be the name"),
        (("--from", "https://models.example", "--key-env", "NO_KEY"), 3, "NO_KEY is not set"),
        (("--from", "http://models.example", "--key-env", "MY_KEY"), 3, "not sent over plain http"),
        (("--from", "https://api.openai.com"), 3, "OPENAI_API_KEY is not set"),
        (("--key-env", "MY_KEY"), 2, "belongs to --from"),
    ],
)
def test_keys_go_only_where_they_may(run, arguments, code, said):
    done = run("init", *arguments, "--no-discover", MY_KEY=CANARY)
    assert done.returncode == code
    assert said in done.stderr.decode()
    assert CANARY.encode() not in done.stdout + done.stderr
    assert not (run.home / "models.toml").exists()


def test_a_key_is_sent_and_its_variable_written(run):
    with Endpoint({"/v1/models": (200, listing("a", f"echo {CANARY}"))}) as endpoint:
        done = run("init", "-", "--from", endpoint.origin, "--key-env", "MY_KEY", MY_KEY=CANARY)
    assert {headers["Authorization"] for _, headers in endpoint.seen} == {f"Bearer {CANARY}"}
    assert loaded(done.stdout).presets[0].provider.api_key_env == "MY_KEY"
    assert CANARY.encode() not in done.stdout + done.stderr


def test_servers_of_this_machine_become_free_presets():
    servers = [
        LocalServer(
            place=Place(port=11434, name="Ollama"),
            base_url="http://127.0.0.1:11434/v1",
            models=("nomic-embed-text", *(f"m{number}" for number in range(9)), "bad\x1b"),
        ),
        LocalServer(
            place=Place(port=8000, name="vLLM", max_parallel=None),
            base_url="http://127.0.0.1:8000/v1",
            models=("m1",),
        ),
    ]
    config = loaded(starter(found_locally(servers)).encode())
    assert [preset.name for preset in config.enabled] == [*(f"m{number}" for number in range(8)), "m1-2"]
    by_name = {preset.provider.name: preset.provider for preset in config.presets}
    assert {name: provider.max_parallel for name, provider in by_name.items()} == {
        "ollama": 1,
        "vllm": None,
        "demo": None,
    }
    assert all(preset.price and preset.price.free for preset in config.enabled)


def test_a_server_that_has_nothing_to_chat_with_leaves_the_demo_on():
    servers = [
        LocalServer(place=Place(port=1, name="]]\n"), base_url="http://127.0.0.1:1/v1", models=("embed-1",))
    ]
    config = loaded(starter(found_locally(servers)).encode())
    assert [preset.name for preset in config.enabled] == ["Swift", "Careful"]


def test_an_id_in_json_escapes_is_the_id_itself(run):
    body = json.dumps({"data": [{"id": "日本"}]}).encode()
    with Endpoint({"/v1/models": (200, body)}) as endpoint:
        done = run("init", "-", "--from", endpoint.origin)
    assert loaded(done.stdout).presets[0].model == "日本"
