"""Goal 13: no picture of a screen holds a key or a secret header, nor does what a crash leaves."""

import asyncio
import html
import re

from ostream_compare.collector.client import Collector
from ostream_compare.config.reading import load
from ostream_compare.domain.preset import Prompt
from ostream_compare.storage.recorder import Recorder
from ostream_compare.tui.app import CompareApp
from ostream_compare.tui.machine import Machine
from ostream_compare.tui.session import Session
from safety.echo import Echo
from safety.test_keys_stay import ENVIRON, GATE, KEY, OTHER, SECRETS, SESSION, config
from tui.harness import Stage

SCREENS = (
    ("escape",),
    ("escape", "ctrl+t"),
    ("escape", "t"),
    ("escape", "a"),
    ("escape", "d"),
    ("escape", "e"),
    ("escape", "M"),
    ("escape", "H"),
    ("escape", "question_mark"),
    ("escape", "ctrl+p"),
    ("escape", "escape", "s"),
)


def shown(svg):
    """A picture, and its text without what stands between the words."""
    text = html.unescape(re.sub(r"<[^>]*>", "", svg)).replace("\xa0", " ")
    return (svg + text + re.sub(r"\s+", "", text)).encode()


def sat(tmp_path, scene):
    """A sitting with the real collector in front of a server that echoes."""

    async def run(origin):
        path = tmp_path / "models.toml"
        path.write_text(config(origin))
        link = Collector()
        link.start()
        machine = Machine(environ=ENVIRON, results=tmp_path / "results", recorder=Recorder(tmp_path / "data"))
        session = Session(load(path).config, link, machine)
        app = CompareApp(session, (), prompt=Prompt(user="hello"), start_now=True)
        try:
            async with app.run_test(size=(160, 50), notifications=True) as pilot:
                stage = Stage(app, pilot, link, tmp_path / "results")
                await stage.ended()
                await scene(stage)
                await app.leave(0)
        finally:
            link.kill()
        return app

    with Echo() as elsewhere, Echo(elsewhere.origin) as near:
        return asyncio.run(run(near.origin)), near


def test_no_picture_of_any_screen_holds_a_secret(tmp_path):
    pictures = []

    async def scene(stage):
        for keys in SCREENS:
            await stage.press(*keys)
            await stage.pilot.pause(0.1)
            pictures.append(stage.app.export_screenshot())

    _, near = sat(tmp_path, scene)
    sent = repr(near.seen).encode()
    assert all(secret.encode() in sent for secret in (KEY, OTHER, GATE, SESSION))
    assert len({shown(picture) for picture in pictures}) > len(SCREENS) // 2
    assert any(b"[key]" in shown(picture) for picture in pictures)
    for keys, picture in zip(SCREENS, pictures, strict=True):
        assert not [secret for secret in SECRETS if secret in shown(picture)], keys
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "models.toml"]
    assert {path.suffix for path in files} >= {".toml", ".jsonl", ".sqlite"}
    assert not [(path, secret) for path in files for secret in SECRETS if secret in path.read_bytes()]


def test_a_crash_knows_what_never_to_tell(tmp_path):
    told = {}

    async def scene(stage):
        console = stage.app.console
        for secret in (KEY, OTHER, GATE, SESSION):
            try:
                int(f"about {secret}")
            except ValueError:
                stage.app._fatal_error()
            shown = [part.text for item in stage.app._exit_renderables for part in console.render(item)]
            told[secret] = "".join(shown)
            stage.app._exit_renderables.clear()

    sat(tmp_path, scene)
    assert len(told) == 4
    for secret, said in told.items():
        assert "ValueError" in said
        assert "[key]" in said
        assert secret not in said
