"""What is no TOML, or cannot be read at all, is an error that says where and why."""

import os
from pathlib import Path

import pytest

from ostream_compare.config.reading import load, loads
from ostream_compare.domain.errors import UserError

NO_TOML = [
    (
        'a = "x\n',
        (
            "1: a: this is no TOML: Illegal character '\\n', column 7"
            ' (close it with a quote; text of several lines stands in """)'
        ),
    ),
    (
        "version = 1\nname = Swift\n",
        '2: name: this is no TOML: Invalid value, column 8 (text stands in quotes: key = "text")',
    ),
    (
        "a = 1\r\na = 2\r\n",
        "2: a: this is no TOML: Cannot overwrite a value, column 6 (a key is given twice)",
    ),
    ("\ufeffa = [1,\n", "1: a: this is no TOML: "),
    ("a = [1\nb = 2\n", "2: b: this is no TOML: Unclosed array, column 1 (close it with ])"),
    (
        "[a\n",
        "1: this is no TOML: Expected ']' at the end of a table declaration, column 3 (a table is [name])",
    ),
    (
        "[[models]]\na = 1\n[[models]]\ntemperature = .5\n",
        "4: models[1].temperature: this is no TOML: Invalid value, column 15 (a number begins with a dig",
    ),
    (
        "[[models]]\n[models.price]\ninput = 1,5\n",
        (
            "3: models[0].price.input: this is no TOML: Expected newline or end of document"
            " after a statement, column 10 (a number has a point, not a comma: 0.5)"
        ),
    ),
    ('[[prompts]]\nuser = """\nTodo:\n[x] do that\n"""\nname = bad\n', "6: prompts[0].name: this is no TOML"),
    ("user = '''\n[[models]]\n'''\n[[models]]\nname = bad\n", "5: models[0].name: this is no TOML"),
    ('[a]\nb = [ "]", # [\n ["c"],\n ["d"]\n]\ne = .5\n', "6: a.e: this is no TOML"),
    ('[a]\nb = """say ""c"" """"" # """\n["d.[e]"] # [f]\ng = x\n', '4: "d.[e]".g: this is no TOML'),
    ("[[a]]\n[[a]]\n[[a.b]]\n[ a . b . c ]\nd = x\n", "5: a[1].b[0].c.d: this is no TOML"),
    ('[a]\nb = """\nc = \\q\n"""\n', "3: a.b: this is no TOML: Unescaped"),
    ("on = True\n", "1: on: this is no TOML: Invalid value, column 6 (true and false are written small)"),
    ("a = \n", "1: a: this is no TOML: Invalid value, column 5 (a value is missing or not closed)"),
    ("a b\n", "1: this is no TOML: Expected '=' after a key in a key/value pair, column 3 (a line is key = "),
    (f"a = {'9' * 5000}\n", " this is no TOML: Exceeds the limit"),
    ("a = " + "[" * 100_000, " is nested too deeply"),
]


@pytest.mark.parametrize(("text", "expected"), NO_TOML)
def test_what_is_no_toml_is_a_user_error_with_its_line(text: str, expected: str):
    with pytest.raises(UserError) as caught:
        loads(text.encode(), "m.toml")
    assert str(caught.value).startswith(f"m.toml:{expected}")
    assert caught.value.exit_code == 2


def test_what_cannot_be_read_is_a_user_error_that_says_why(tmp_path: Path):
    (tmp_path / "models.toml").write_text("version = 1\n")
    (tmp_path / "big.toml").write_bytes(b"#" * 10_000_000)
    (tmp_path / "latin.toml").write_bytes("a = 1\nb = 'é'".encode("latin-1"))
    cases = {
        tmp_path / "model.toml": f": there is no such file (did you mean {tmp_path / 'models.toml'}?)",
        tmp_path / "none" / "zzz": ": there is no such file (ostream-compare init writes",
        tmp_path / "models.toml" / "x": ": cannot be read: Not a directory",
        tmp_path: f": is a folder, not a file (did you mean {tmp_path / 'big.toml'}?)",
        tmp_path / "big.toml": ": is over 1 MiB",
        tmp_path / "latin.toml": ":2: is not UTF-8 (save it as UTF-8)",
        "a\0b": ": cannot be read: embedded null",
        "x" * 5000: ": cannot be read: File name too long",
    }
    for path, expected in cases.items():
        with pytest.raises(UserError) as caught:
            load(path)
        assert str(caught.value).startswith(f"{path}{expected}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path: Path):
    path = tmp_path / "m.toml"
    path.touch(mode=0)
    with pytest.raises(UserError, match="may not be read by you"):
        load(path)
