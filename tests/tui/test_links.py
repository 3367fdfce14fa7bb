import pytest

from ostream_compare.tui.links import web_address
from ostream_compare.tui.screens.links import LinkDialog, LinkList
from tui.harness import Stage, play

BAD = [
    "file:///etc/passwd",
    "file%3A///etc/passwd",
    "%66ile:///etc/passwd",
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>",
    "vbscript:x",
    "ftp://example.org/x",
    "ssh://example.org",
    "mailto:a@example.org",
    "//example.org/x",
    "/etc/passwd",
    "example.org",
    "http:example.org",
    "http://",
    "http:///path",
    "http://user@example.org/",
    "http://bank.example@evil.example/",
    "http://bank.example%40evil.example/",
    "http:\\\\evil.example\\x",
    "http://evil.example\\@bank.example/",
    "http://exa mple.org/",
    "http://example.org/\nfile:///etc/passwd",
    "http://example.org/%0d%0aX: y",
    "http://example.org/%250ax",
    "http://example.org:99999/",
    "http://[::1/",
    "http://example.org/\u202egpj.exe",
    "http://exam\u200bple.org/",
    "http://example.org/\x1b]52;c;x\x07",
    "http://example.org/" + "a" * 3000,
    "",
]


@pytest.mark.parametrize("url", BAD)
def test_what_is_not_plainly_of_the_web_is_refused(url):
    assert web_address(url) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a?b=c#d", "example.org"),
        ("http://localhost:8080/", "localhost:8080"),
        ("HTTPS://Example.ORG/", "example.org"),
        ("https://en.wikipedia.org/wiki/Mutex_(lock)", "en.wikipedia.org"),
        ("https://example.org/a%20b", "example.org"),
        ("https://münchen.example/", "xn--mnchen-3ya.example"),
        ("https://аpple.com/", "xn--pple-43d.com"),  # noqa: RUF001 - the imitation is the point
    ],
)
def test_a_web_address_tells_whom_it_leads_to(url, host):
    address = web_address(url)
    assert address is not None
    assert (address.url, address.host) == (url, host)


TEXT = "See [the bank](https://evil.example/login) and [docs](https://docs.example/x)."


async def shown(stage: Stage) -> list[str]:
    opened: list[str] = []
    stage.app.open_url = opened.append
    stage.fake.say(0, TEXT)
    await stage.until(lambda: "the bank" in stage.text(0))
    return opened


@pytest.mark.parametrize(("key", "opens"), [("o", True), ("escape", False), ("enter", False)])
def test_a_click_on_a_link_shows_where_it_leads_and_asks(key, opens, tmp_path, monkeypatch):
    monkeypatch.setattr("ostream_compare.tui.screens.reading.has_browser", lambda: True)

    async def scene(stage: Stage) -> None:
        opened = await shown(stage)
        await stage.pilot.click(stage.panes[0], offset=(8, 1))
        await stage.until(lambda: isinstance(stage.app.screen, LinkDialog))
        await stage.pilot.pause()
        assert "evil.example" in stage.screen_text()
        assert "https://evil.example/login" in stage.screen_text()
        assert opened == []
        await stage.press(key)
        assert stage.app.screen is stage.main
        assert opened == (["https://evil.example/login"] if opens else [])

    play(scene, tmp_path)


def test_links_are_chosen_with_keys(tmp_path, monkeypatch):
    monkeypatch.setattr("ostream_compare.tui.screens.reading.has_browser", lambda: True)

    async def scene(stage: Stage) -> None:
        await stage.press("u")
        assert any("no link" in toast for toast in stage.toasts)
        opened = await shown(stage)
        await stage.press("u")
        assert isinstance(stage.app.screen, LinkList)
        assert "https://docs.example/x" in stage.screen_text()
        await stage.press("down", "enter")
        assert isinstance(stage.app.screen, LinkDialog)
        await stage.press("o")
        assert opened == ["https://docs.example/x"]

    play(scene, tmp_path)


def test_without_a_browser_the_address_is_copied(tmp_path, monkeypatch):
    monkeypatch.setattr("ostream_compare.tui.screens.reading.has_browser", lambda: False)

    async def scene(stage: Stage) -> None:
        opened = await shown(stage)
        await stage.press("u", "enter", "o")
        await stage.until(lambda: any("There is no browser here" in toast for toast in stage.toasts))
        assert opened == []

    play(scene, tmp_path)
