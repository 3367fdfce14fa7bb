import json
import stat

from cli.endpoint import Endpoint, Program, listing

CANARY = "sk-canary-7"


def config(origin, more=""):
    return f"""
[providers.near]
base_url = "{origin}/v1"
api_key_env = "OPENAI_API_KEY"
[[models]]
name = "A"
provider = "near"
model = "m1"
{more}"""


def key_state(program):
    done = program("models", "models.toml", "--format", "json", OPENAI_API_KEY=CANARY)
    return json.loads(done.stdout)["models"][0]["key"]["state"]


def test_a_well_known_key_goes_to_a_stranger_only_by_trust_in_this_very_file(tmp_path):
    program = Program(tmp_path)
    with Endpoint({"/v1/models": (200, listing("m1"))}) as endpoint:
        program.file(config(endpoint.origin))

        def run(*flags):
            done = program("models.toml", "-p", "hi", "--format", "json", *flags, OPENAI_API_KEY=CANARY)
            assert CANARY.encode() not in done.stdout + done.stderr
            return done.returncode, json.loads(done.stdout)["responses"][0]["error"]

        assert key_state(program) == "refused"
        code, error = run()
        assert (code, error["kind"]) == (3, "insecure")
        assert f"OPENAI_API_KEY is not the key of 127.0.0.1:{endpoint.port}" in error["message"]
        assert "--trust" in error["message"]
        assert endpoint.seen == []

        code, error = run("--trust")
        assert (code, error["kind"]) == (1, "server")  # it knows no POST: the request came through
        assert key_state(program) == "present"
        assert endpoint.seen[-1][1]["Authorization"] == f"Bearer {CANARY}"

        before = len(endpoint.seen)
        program.file(config(endpoint.origin, "temperature = 0.5\n"))
        assert key_state(program) == "refused"
        assert len(endpoint.seen) == before
    trusted = tmp_path / ".local/share/ostream-compare/trusted"
    assert stat.S_IMODE(trusted.stat().st_mode) == 0o600
    assert len(trusted.read_text().splitlines()) == 1
