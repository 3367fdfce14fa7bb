import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostream_compare.domain.safe_text import clean, clean_line, repair, secrets_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[2J\x07\x00\x7f", "␛[2J␇␀␡"),
        ("\x9b2J\x85", "<U+009B>2J<U+0085>"),
        ("\u202e\u2066\u200f\u061c", "<U+202E><U+2066><U+200F><U+061C>"),
        ("\U000e0041", "<U+E0041>"),
        ("\ud800", "<U+D800>"),
        ("漢字 😀 é", "漢字 😀 é"),
    ],
)
def test_clean(text, shown):
    assert clean(text) == shown


@given(st.text(alphabet=st.characters()))
def test_nothing_that_steers_a_terminal_is_left(text):
    shown = clean(text)
    assert all(char in "\n\t" or ord(char) >= 0x20 for char in shown)
    assert not any(0x7F <= ord(char) < 0xA0 for char in shown)
    assert clean(shown) == shown


def test_one_line_has_no_breaks():
    assert clean_line("a\r\nb\tc\u2028d") == "a b c<U+2028>d"


@pytest.mark.parametrize(
    ("text", "repaired"),
    [("ok", "ok"), ("\ud83d\ude00", "😀"), ("\ud83d", "\ufffd"), ("a\udc00\ud800b", "a\ufffd\ufffdb")],
)
def test_repair(text, repaired):
    assert repair(text) == repaired


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("OPENAI_API_KEY", "1234567890", True),
        ("my_passphrase", "correct horse", True),
        ("AUTH_TOKEN", "/bcd/DEFG+123=", True),
        ("AUTH_TOKEN", "~bcd/efgh", True),
        ("AUTH_TOKEN", "12345/home/alice", True),
        ("EDITOR", "1234567890", False),
        ("XAUTHORITY", "/h/alice/.Xauthority", False),
        ("SSH_AUTH_SOCK", "/agents/1234/ssh", False),
        ("PASSWORD_STORE_DIR", "store/of/alice", False),
        ("DB_PASSWORD_FILE", "secrets/db", False),
        ("ssl_key_path", "keys/server.pem", False),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/home/alice/account.json", False),
        ("AWS_CREDENTIALS", "~/.aws/credentials", False),
    ],
)
def test_a_secret_stands_in_a_variable_named_so_and_is_no_path(name, value, is_secret):
    assert secrets_of({name: value}) == ((value,) if is_secret else ())
