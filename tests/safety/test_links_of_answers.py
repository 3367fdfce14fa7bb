"""Goal 14: links of an answer, by Markdown's engine and the mouse: none is opened that is not of the web."""

import pytest

from ostream_compare.tui.screens.links import LinkDialog, LinkList
from torture.sizes import size
from tui.harness import Stage, play

EVIL = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](data:text/html;base64,PHN2Zz4=)",
    "[x](file:///etc/passwd)",
    "[x](file%3A///etc/passwd)",
    "[x](%66ile:///etc/passwd)",
    "[x](%6a%61vascript:alert%281%29)",
    "[x](vbscript:x)",
    "[x](//evil.example/x)",
    "[x](/etc/passwd)",
    "[x](../../etc/passwd)",
    "[x](http:evil.example)",
    "[x](http://bank.example@evil.example/)",
    "[x](http://bank.example%40evil.example/)",
    "[x](http://bank.example:80@evil.example/)",
    "[x](<http://evil.example\\@bank.example/>)",
    "[x](<http://bank.example /x>)",
    "[x](http://example.com/&#x202e;gpj.exe)",
    "[x](http://example.com/%0d%0aX:y)",
    "[x](ssh://evil.example)",
    "[x](mailto:a@evil.example)",
    "[x](tel:123)",
    "[x](ms-settings:x)",
    "[![x](javascript:a)](file:///etc/passwd)",
    "[x [y](javascript:b)](javascript:c)",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "[x]\n\n[x]: file:///etc/passwd",
    "<javascript:alert(1)>",
    "<file:///etc/passwd>",
    "<a href='javascript:alert(1)'>x</a>",
    "![x](file:///etc/passwd)",
    "file:///etc/passwd",
]
GOOD = [
    ("[the bank](https://evil.example/login)", "evil.example", "https://evil.example/login"),
    ("<https://evil.example/x>", "evil.example", "https://evil.example/x"),
    ("[https://bank.example](https://evil.example)", "evil.example", "https://evil.example"),
    ("[x](https://\u0430pple.com/)", "xn--pple-43d.com", "https://xn--pple-43d.com/"),
    ("[x][1]\n\n[1]: https://evil.example/r", "evil.example", "https://evil.example/r"),
    ("[**x** `y`](https://evil.example/n)", "evil.example", "https://evil.example/n"),
]


def watched(stage: Stage, monkeypatch) -> list[str]:
    """What is opened, by the application or behind its back."""
    opened: list[str] = []
    stage.app.open_url = opened.append
    monkeypatch.setattr("webbrowser.open", lambda url, *_: opened.append(url))
    monkeypatch.setattr("ostream_compare.tui.screens.reading.has_browser", lambda: True)
    return opened


async def said(stage: Stage, text: str) -> None:
    stage.fake.say(0, f"{text}\n\nthe end")
    stage.fake.end(0)
    await stage.until(lambda: "the end" in stage.text(0))
    await stage.pilot.pause()


@pytest.mark.parametrize("text", EVIL[:: size(3, 1)])
def test_a_bad_link_is_opened_by_neither_mouse_nor_key(text, tmp_path, monkeypatch):
    async def scene(stage: Stage) -> None:
        opened = watched(stage, monkeypatch)
        await said(stage, text)
        for row in (1, 2, 3):
            for column in (2, 3, 5, 9):
                await stage.pilot.click(stage.panes[0], offset=(column, row))
                assert not isinstance(stage.app.screen, LinkDialog)
        await stage.press("u")
        for _ in range(3 if isinstance(stage.app.screen, LinkList) else 0):
            await stage.press("enter")
            assert not isinstance(stage.app.screen, LinkDialog)
            await stage.press("o", "u")
        assert opened == []
        assert stage.app.is_running

    play(scene, tmp_path)


@pytest.mark.parametrize(("text", "host", "url"), GOOD)
def test_the_real_address_is_shown_before_it_is_opened(text, host, url, tmp_path, monkeypatch):
    async def scene(stage: Stage) -> None:
        opened = watched(stage, monkeypatch)
        await said(stage, text)
        await stage.pilot.click(stage.panes[0], offset=(2, 1))
        await stage.until(lambda: isinstance(stage.app.screen, LinkDialog))
        await stage.pilot.pause()
        screen = stage.screen_text()
        assert f"Leads to {host}" in screen
        assert url in screen
        assert opened == []
        await stage.press("o")
        assert len(opened) == 1
        assert url in opened[0]

    play(scene, tmp_path)
