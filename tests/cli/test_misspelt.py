"""A command that is misspelt: what is said of it."""

import pytest

from ostream_compare import cli


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("valdate g.toml", "There is no command valdate: did you mean validate? See"),
        ("histroy --search x", "There is no command histroy: did you mean history? See"),
        ("histroy", "histroy: there is no such file, and no such command (did you mean history?)"),
        ("Show", "Show: there is no such file, and no such command (did you mean show?)"),
        ("models.toml", "models.toml: there is no such file (ostream-compare init writes"),
        ("./histroy", "./histroy: there is no such file (ostream-compare init writes"),
        ("weather", "weather: there is no such file (ostream-compare init writes"),
        ("weather is fine", "Nothing takes is fine: text with blanks needs quotes"),
        ("history now", "Nothing takes now: text with blanks needs quotes"),
        ("histori", "histori:1:"),  # a file
        ("histori now", "Nothing takes now: text with blanks needs quotes"),
    ],
)
def test_a_command_misspelt_is_named_and_the_one_that_was_meant(line, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "histori").write_text("= no TOML")
    assert cli.start(line.split()) == 2
    assert capsys.readouterr().err.startswith(said)


def test_every_command_is_known_when_it_is_misspelt():
    assert {name for name in cli.app if name.isalpha()} == set(cli._COMMANDS)
