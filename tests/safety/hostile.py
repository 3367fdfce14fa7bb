"""A server, a file and earlier runs that are full of attacks."""

import json

from safety.attacks import bare_c1
from wire.cases import Answer, Frame
from wire.script import DONE, chunk, delta, event, finish, stream, text, tool, tools, usage, whole


def _page(title, status=502):
    body = f"<html><head><title>{title}</title></head><body>{title}</body></html>".encode()
    return Answer(status, (("content-type", "text/html"),), "length", (Frame(body),))


def _as_bytes(said):
    """A piece of an answer with every character as it is, C1 as Latin-1 has it."""
    return text("?").replace(b"?", bare_c1(said.replace("\\", "").encode()))


def answers(foreign):
    """What servers do, by the name of a model; `foreign(n)` is the text of the n-th."""
    a = [foreign(number) for number in range(12)]
    link = f"[{a[0]}](http://example.com/x) <http://example.com/{a[1]}>"
    code = f"```py\n{a[2]}\n```\n\n| h | {a[3]} |\n|---|---|\n| {a[4]} | x |\n\n# {a[5]}\n"
    return {
        "Answer": stream(
            delta(reasoning_content=f"{a[0]} thought"),
            text(a[0]),
            text(f"\n\n{link}\n\n{code}"),
            chunk({"index": 0, "delta": {}, "finish_reason": a[1]}, model=f"served {a[2]}"),
            DONE,
        ),
        "Again": stream(text(a[3]), _as_bytes(a[3]), text(f" {a[4]}"), finish(), usage(3, 2), DONE),
        "Tool": stream(
            tools(tool(0, json.dumps({"x": a[1]}), call_id=a[2], name=a[1])), finish("tool_calls"), DONE
        ),
        "Refusal": stream(delta(refusal=a[2]), finish(a[3]), DONE),
        "Error": whole({"error": {"message": a[3], "code": a[3], "type": a[3], "param": a[3]}}, 400),
        "Html": _page(a[4]),
        "Midway": stream(text(a[5]), event({"error": {"message": a[5], "code": a[5]}})),
        "Garbage": stream(b"data: {" + a[6].encode() + b"\n\n"),
        "Headers": Answer(
            429,
            tuple(
                (name, "".join(c for c in a[7] if c not in "\r\n\0").encode().decode("latin-1"))
                for name in ("retry-after", "x-request-id", "content-type", "server")
            ),
            "length",
            (Frame(a[7].encode()),),
        ),
        "Elsewhere": Answer(302, (("location", f"/x?{'y'}#{a[8].encode().decode('latin-1')}"),), "none"),
        "Nonsense": Answer(framing="raw", frames=(Frame(a[9].encode() + b"\r\n\r\n"),)),
        "Plain": Answer(200, (("content-type", "text/plain"),), "length", (Frame(a[10].encode()),)),
    }


def toml_text(value):
    """`value` as a TOML string: JSON's spelling, but for DEL, C1 and pairs of surrogates."""
    spelled = json.dumps(value, ensure_ascii=False)
    return "".join(f"\\U{ord(c):08X}" if ord(c) > 0x7E else c for c in spelled)


def models_toml(urls, foreign, more=""):
    """Models by name and address; prompts, variables, system prompts and the keymap are foreign."""
    models = "".join(
        f'[providers.p{n}]\nbase_url = "{url}"\n[[models]]\nname = "{name}"\nprovider = "p{n}"\n'
        f'model = "m{n}"\nsystem = {toml_text(foreign(n))}\n'
        for n, (name, url) in enumerate(urls.items())
    )
    prompts = (
        f'[[prompts]]\nname = "first"\nuser = {toml_text(foreign(2))}\nsystem = {toml_text(foreign(3))}\n'
        f'[[prompts]]\nname = "second"\nuser = {toml_text(foreign(4) + " {about}").replace("[", "[")}\n'
        f"variables = {{ about = [{toml_text(foreign(5))}, {toml_text(foreign(6))}] }}\n"
    )
    return f"version = 1\n{more}{models}{prompts}"
