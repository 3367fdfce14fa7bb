import json
from datetime import UTC, datetime

import pytest

from ostream_compare.domain.comparison import Comparison, Response, Vote
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.recorded import Unvoted
from ostream_compare.storage.ballots import cast_votes
from ostream_compare.storage.paths import data_folder, results_folder
from ostream_compare.storage.results import save_comparison
from ostream_compare.storage.run_log import RunLog
from ostream_compare.storage.vote_files import read_votes
from storage.runs import answer, ended, header

A_OVER_B = Vote(winner="A", loser="B")
B_OVER_A = Vote(winner="B", loser="A")
TIE = Vote(winner="A", loser="B", tie=True)


@pytest.fixture(autouse=True)
def data_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))


def save(run, *votes):
    return save_comparison(
        Comparison(
            id=run,
            started_at=datetime(2026, 11, 22, tzinfo=UTC),
            program_version="0.1.0",
            prompts=[],
            responses=[],
            votes=list(votes),
        )
    )


def test_votes_on_answers_of_the_demo_are_apart():
    def answered(name, model):
        return Response(name=name, provider="p", model=model, state="complete")

    def run(number, *votes, demo):
        save_comparison(
            Comparison(
                id=f"20260101-000000-000{number}",
                started_at=datetime(2026, 1, 1, tzinfo=UTC),
                program_version="0.1.0",
                demo=demo,
                prompts=[],
                responses=[answered("A", "a"), answered("B", "demo/b"), answered("C", "c")],
                votes=list(votes),
            )
        )

    a_over_c = Vote(winner="A", loser="C")
    run(1, A_OVER_B, a_over_c, Vote(winner="gone", loser="A"), demo=True)
    run(2, B_OVER_A, demo=False)  # a model of another server may be called so
    cast = cast_votes(pytest.fail)
    assert (cast.real, cast.demo) == ([a_over_c, B_OVER_A], [A_OVER_B, Vote(winner="gone", loser="A")])


def log(number, *votes, undone=0):
    head = header(number)
    written = RunLog.create(head)
    written.append(*answer(0, "yes"), *answer(1, "no"), ended())
    for vote in votes:
        written.vote(vote)
    written.append(*[Unvoted()] * undone)
    written.close()
    return head.id


def test_where_nothing_was_ever_run_there_are_no_votes_and_nothing_is_made():
    assert cast_votes(pytest.fail).every == []
    assert not data_folder().exists()


def test_votes_of_logs_and_of_saved_comparisons_count_once_a_run():
    run = log(1, A_OVER_B, TIE)
    save(run, A_OVER_B)
    save("20260101-000000-aaaa", B_OVER_A)
    save("20260101-000000-aaaa", B_OVER_A, TIE)
    log(2)
    assert sorted(cast_votes(pytest.fail).every, key=str) == sorted([A_OVER_B, TIE, B_OVER_A, TIE], key=str)


def test_a_vote_that_was_taken_back_does_not_count():
    log(1, A_OVER_B, TIE, undone=1)
    assert cast_votes(pytest.fail).every == [A_OVER_B]


def test_a_vote_that_was_saved_before_it_was_taken_back_does_not_count():
    save(log(1, A_OVER_B, undone=1), A_OVER_B)
    assert cast_votes(pytest.fail).every == []


def test_votes_that_no_log_holds_count_as_they_were_saved():
    save(log(1), A_OVER_B)
    assert cast_votes(pytest.fail).every == [A_OVER_B]


def test_a_file_that_cannot_be_read_is_named_and_the_others_count():
    save("20260101-000000-aaaa", A_OVER_B)
    broken = results_folder() / "broken.toml"
    broken.write_text("[[votes]]\nwinner = ")
    told = []
    assert cast_votes(told.append).every == [A_OVER_B]
    (line,) = told
    assert str(broken) in line
    assert "not TOML" in line


def test_words_of_an_answer_are_no_votes():
    path = save("20260101-000000-aaaa")
    path.write_text(path.read_text().replace('program_version = "0.1.0"', 'program_version = "\\n[[votes]]"'))
    assert cast_votes(pytest.fail).every == []


@pytest.mark.parametrize(
    ("name", "text", "votes"),
    [
        ("v.jsonl", '{"winner":"A","loser":"B"}\n\n{"winner":"A","loser":"B","tie":true}\n', [A_OVER_B, TIE]),
        ("v.jsonl", '\ufeff{"winner":" A ","loser":"B","tie":0,"more":1}', [A_OVER_B]),
        (
            "v.jsonl",
            '{"winner":"A","loser":"B","both_bad":true}',
            [Vote(winner="A", loser="B", tie=True, both_bad=True)],
        ),
        ("v.CSV", "Winner,Loser,Tie\r\nA,B,\r\nA,B,yes\r\n", [A_OVER_B, TIE]),
        ("v.csv", 'loser,winner\n"B",A\n', [A_OVER_B]),
        ("v.csv", 'winner,loser,note\nA,B,"two\nlines"\nB,A,\n', [A_OVER_B, B_OVER_A]),
        ("v.jsonl", "", []),
    ],
)
def test_votes_are_read_from_files(tmp_path, name, text, votes):
    path = tmp_path / name
    path.write_text(text)
    assert read_votes(path) == votes


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("v.jsonl", '{"winner":"A","loser":"B"}\n{"winner":"A"}', ":2: loser is missing"),
        ("v.jsonl", "{", ":1: not JSON"),
        ("v.jsonl", "[1]", ":1: not an object with winner and loser"),
        ("v.jsonl", '{"winner":"A","loser":"A"}', ":1: winner and loser are the same: A"),
        (
            "v.jsonl",
            '{"winner":"A","loser":"B","tie":"perhaps"}',
            ":1: tie is neither true nor false: perhaps",
        ),
        ("v.jsonl", '{"winner":"A","loser":"B","tie":[]}', ":1: tie is neither"),
        ("v.jsonl", '{"winner":7,"loser":"B"}', ":1: winner is missing"),
        ("v.jsonl", "[" * 100_000, ":1: not JSON"),
        ("v.csv", "a,b\nA,B\n", ":1: the first line has no winner and no loser"),
        ("v.csv", "", ":1: the first line has no winner"),
        ("v.csv", "winner,loser\nA,B\nA\n", ":3: loser is missing"),
        ("v.csv", 'winner,loser\n"A,B\n', "not CSV"),
        ("v.csv", b"winner,loser\n\xff,B\n", "not UTF-8"),
        ("v.jsonl", None, "No such file"),
    ],
)
def test_a_line_that_is_no_vote_is_named(tmp_path, name, text, said):
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as refused:
        read_votes(path)
    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)


def test_many_bad_lines_are_told_in_twenty(tmp_path):
    path = tmp_path / "v.jsonl"
    path.write_text("\n".join(json.dumps(number) for number in range(50)))
    with pytest.raises(UserError) as refused:
        read_votes(path)
    assert len(refused.value.problems) == 21
    assert str(refused.value.problems[-1]) == f"{path}: and 30 lines more"
