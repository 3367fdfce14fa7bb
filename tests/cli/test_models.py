import json

import pytest

from cli.endpoint import Endpoint, Program, listing

CANARY = "sk-canary-7"
HOSTILE = "\x1b]52;c;YQ==\x07gpt-5-minnni"


@pytest.fixture
def run(tmp_path):
    return Program(tmp_path)


def provider(name, base_url, extra=""):
    return f'[providers.{name}]\nbase_url = "{base_url}"\n{extra}\n'


def model(name, provider, model="m1", extra=""):
    return f'[[models]]\nname = "{name}"\nprovider = "{provider}"\nmodel = "{model}"\n{extra}\n'


def test_every_preset_with_its_key_its_price_and_its_endpoint(run, wire_server):
    refused = wire_server.refuse()
    routes = {"/v1/models": (200, listing("m1", "gpt-5-mini")), "/shut/models": (401, b"{}")}
    with Endpoint(routes) as endpoint:
        base = f"{endpoint.origin}/v1"
        text = "".join(
            (
                '[providers.demo]\nkind = "demo"\n',
                provider("open", base),
                provider("keyed", base, 'api_key_env = "GOOD_KEY"\nprice_provider = "openai"'),
                provider("unset", base, 'api_key_env = "NO_SUCH_KEY"'),
                provider("plain", "http://models.example.com/v1", 'api_key_env = "GOOD_KEY"'),
                provider("shut", f"{endpoint.origin}/shut", 'api_key_env = "GOOD_KEY"'),
                provider("down", refused.base_url),
                provider("silent", f"{endpoint.origin}/nothing"),
                model("Demo", "demo", "demo/swift"),
                model("Open", "open", extra="price = { input = 0.25, output = 2 }"),
                model("Keyed", "keyed", "gpt-5-mini"),
                model("Typo", "open", "gpt-5-minni", "price = { free = true }"),
                model("Unset", "unset"),
                model("Plain", "plain"),
                model("Shut", "shut"),
                model("Down", "down"),
                model("Silent", "silent"),
                model("Off", "down", extra="enabled = false"),
            )
        )
        done = run("models", run.file(text), "--format", "json", GOOD_KEY=CANARY)
        table = run("models", "models.toml", GOOD_KEY=CANARY)
    wire_server.close(refused)
    assert (done.returncode, done.stderr, table.returncode) == (1, b"", 1)
    report = json.loads(done.stdout)
    assert (report["ok"], report["path"]) == (False, "models.toml")
    found = {
        row["name"]: (row["key"]["state"], row["endpoint"]["word"], row["can_run"])
        for row in report["models"]
    }
    assert found == {
        "Demo": ("not_needed", "built in", True),
        "Open": ("not_needed", "reachable", True),
        "Keyed": ("present", "reachable", True),
        "Typo": ("not_needed", "not listed", False),
        "Unset": ("missing", "not asked", False),
        "Plain": ("refused", "not asked", False),
        "Shut": ("present", "auth 401", False),
        "Down": ("not_needed", "refused", False),
        "Silent": ("not_needed", "reachable", True),
        "Off": ("not_needed", "refused", False),
    }
    prices = {row["name"]: tuple(row["price"].values()) for row in report["models"]}
    assert prices["Open"] == ("0.25", "2", "preset", None)
    assert prices["Typo"] == ("0", "0", "preset", None)
    assert prices["Keyed"][2:] == ("genai-prices", None)
    assert float(prices["Keyed"][0]) > 0
    assert prices["Down"][:3] == (None, None, "none")
    assert prices["Down"][3]
    remarks = table.stdout.decode()
    assert "Typo: its server lists no model gpt-5-minni (did you mean gpt-5-mini?)" in remarks
    assert "Unset: NO_SUCH_KEY is not set" in remarks
    assert "Plain: the key of plain is not sent over plain http to models.example.com" in remarks
    assert "missing NO_SUCH_KEY" in remarks
    assert "4 of 9 enabled models can run" in remarks
    for stream in (done.stdout, done.stderr, table.stdout, table.stderr):
        assert CANARY.encode() not in stream
    asked = [path for path, _ in endpoint.seen]
    assert sorted(asked) == sorted(2 * ["/v1/models", "/v1/models", "/shut/models", "/nothing/models"])
    assert {headers.get("Authorization") for _, headers in endpoint.seen} == {None, f"Bearer {CANARY}"}


def test_what_is_off_stands_in_nobodys_way(run):
    with Endpoint({"/v1/models": (200, listing("m1"))}) as endpoint:
        text = provider("p", f"{endpoint.origin}/v1", 'api_key_env = "MY_KEY"')
        text += provider("q", "https://models.example/v1", 'api_key_env = "OTHER_KEY"')
        text += model("On", "p") + model("Off", "q", extra="enabled = false")
        done = run("models", run.file(text), MY_KEY="sk-1")
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith(b"1 of 1 enabled models can run\n")


def test_names_from_a_server_steer_no_terminal(run):
    with Endpoint({"/v1/models": (200, listing(HOSTILE))}) as endpoint:
        text = provider("p", f"{endpoint.origin}/v1") + model("One", "p", "gpt-5-minnni")
        file = run.file(text)
        done, as_json = run("models", file), run("models", file, "--format", "json")
    assert (done.returncode, as_json.returncode) == (1, 1)
    assert "did you mean ␛]52;c;YQ==␇gpt-5-minnni?" in done.stdout.decode()
    assert not {0x1B, 0x07} & set(done.stdout + as_json.stdout)


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("= nonsense", (), b"models.toml:1"),
        (model("One", "nowhere"), (), b"there is no provider"),
        ("version = 1", ("--format", "xml"), b"xml"),
    ],
)
def test_a_wrong_file_or_flag_is_2(run, text, arguments, said):
    done = run("models", run.file(text), *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr


def test_without_a_file_it_is_the_demo(run):
    done = run("models")
    assert done.returncode == 0
    assert done.stdout.endswith(b"4 of 4 enabled models can run\n")


def test_the_schema_is_printed(run):
    done = run("schema")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["title"] == "ostream-compare presets"


@pytest.mark.parametrize("command", ["models", "doctor", "schema", "init", "validate", "demo"])
def test_each_command_has_its_help(run, command):
    done = run(command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: ostream-compare {command}".encode())
    assert f"{command} ".encode() in run("--help").stdout
    told = " ".join(done.stdout.decode().split())
    assert told.count("Exit codes: 0 ") == 1
    assert ("130 interrupted" in told) == (command == "demo"), "those of a run are no other command's"
