"""Servers that send too much, through the whole program: a verdict, little memory, no harm to others."""

from pathlib import Path

import pytest

from load.attacks import ATTACKS
from load.rig import Program
from wire.script import plain_stream
from wire.server import WireServer

ABOVE = 64 * 1024
"""KiB that a hostile stream may take of the child, and of the screen's process."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read in /proc")


@pytest.fixture(scope="module")
def program(tmp_path_factory, wire_server: WireServer):
    site = wire_server.serve(plain_stream())
    with Program(tmp_path_factory.mktemp("sitting")) as program:
        program.run(("one", site.base_url), ("two", site.base_url))
        yield program
    wire_server.close(site)


@pytest.fixture(scope="module")
def before(program):
    return program(measure=True)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_server_gets_its_verdict_and_little_memory(program, before, serve, name):
    attack = ATTACKS[name]
    hostile, good = serve(attack.answer()), serve(plain_stream())
    start = program.settled(before["child"]["now"] + ABOVE // 3)
    lanes = program.run((name, hostile.base_url), ("good", good.base_url), **attack.limits)
    now = program(measure=True)
    verdict = lanes[name]
    assert (verdict["state"], verdict["kind"]) == (attack.state, attack.kind), verdict
    assert attack.length is None or verdict["length"] == attack.length
    assert (lanes["good"]["state"], lanes["good"]["text"]) == ("complete", "Hello")
    grown = {part: now[part]["peak"] - start[part]["now"] for part in ("ui", "child")}
    assert max(grown.values()) < ABOVE, grown
    assert now["child"]["files"] <= before["child"]["files"] + 4
