"""The authored answers: found leniently, complete, and right where a program can check."""

import re
import subprocess
import sys

import pytest

from ostream_compare.demo import tokens
from ostream_compare.demo.answers import answer, library
from ostream_compare.demo.models import MODELS

VOICES = sorted({model.voice for model in MODELS.values()})
PROMPTS = (
    "Explain mutex versus semaphore.",
    "Write a Python function that merges two sorted lists.",
    "What is the CAP theorem, in plain words?",
    "Compare TCP and UDP in a table.",
    "Write a haiku about latency.",
)


def python_blocks(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_every_promised_prompt_has_an_authored_answer():
    assert sorted(library().prompts) == sorted(PROMPTS)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_voice_answers_every_prompt_without_saying_that_it_is_a_demo(prompt):
    contents = [answer(voice, prompt).content for voice in VOICES]
    assert len(set(contents)) == len(VOICES)
    assert not any("demo" in content for content in contents)


@pytest.mark.parametrize(
    "written",
    [
        "explain mutex versus semaphore",
        "  Explain\n MUTEX   versus semaphore?! ",
        "Mutex vs. semaphore",
        "\uff25\uff38\uff30\uff2c\uff21\uff29\uff2e mutex versus semaphore",
    ],
)
def test_case_space_punctuation_and_width_do_not_matter(written):
    assert answer("swift", written) == answer("swift", PROMPTS[0])


@pytest.mark.parametrize("written", ["Explain mutex", "Explain mutex versus semaphore in Rust", "", "?"])
def test_another_prompt_is_not_taken_for_a_known_one(written):
    assert answer("swift", written) != answer("swift", PROMPTS[0])


@pytest.mark.parametrize("voice", VOICES)
def test_an_unknown_prompt_is_told_plainly_that_this_is_a_demo(voice):
    content = answer(voice, "Why is the sky blue?").content
    for part in ("demo", "canned", "no model was asked", "Why is the sky blue?", "TOML", "key"):
        assert part.casefold() in content.casefold()


def test_braces_in_the_prompt_are_quoted_as_they_are():
    assert "{0} {prompt} {}" in answer("swift", "{0} {prompt} {}").content


@pytest.mark.parametrize(
    ("prompt", "quoted"),
    [
        ("x" * 81, "“" + "x" * 79 + "…”"),
        ("x" * 80, "“" + "x" * 80 + "”"),
        ("two\n\n  lines", "“two lines”"),
        ("bell\a", "“bell\u2407”"),
        ("", "“(no text)”"),
        ("\n" * 400 + "late", "“…”"),
    ],
)
def test_the_prompt_is_quoted_briefly_and_on_one_line(prompt, quoted):
    assert quoted in answer("terse", prompt).content


def test_only_careful_reasons_and_it_writes_headings_and_a_list():
    for prompt in (*PROMPTS, "anything else"):
        assert [voice for voice in VOICES if answer(voice, prompt).reasoning] == ["careful"]
        content = answer("careful", prompt).content
        assert len(re.findall(r"^## ", content, re.MULTILINE)) >= 2
        assert re.search(r"^(- |1\. )", content, re.MULTILINE)


def test_terse_is_shortest_and_careful_longest():
    for prompt in PROMPTS:
        lengths = {
            voice: tokens.count(answer(voice, prompt).content) for voice in ("terse", "swift", "careful")
        }
        assert lengths["terse"] <= lengths["swift"] < lengths["careful"]


def test_coder_writes_a_code_block_and_a_table():
    for prompt in (*PROMPTS, "anything else"):
        content = answer("coder", prompt).content
        assert re.search(r"^```(python|toml)$", content, re.MULTILINE)
        assert re.search(r"^\|(---\|)+$", content, re.MULTILINE)


def test_tables_have_as_many_cells_in_every_row():
    for prompt in (*PROMPTS, "anything else"):
        for voice in VOICES:
            for table in re.findall(r"(?:^\|.*\|$\n?)+", answer(voice, prompt).content, re.MULTILINE):
                assert len({line.count("|") for line in table.splitlines()}) == 1


def test_every_python_block_runs():
    blocks = [
        block
        for prompt in PROMPTS
        for voice in VOICES
        for block in python_blocks(answer(voice, prompt).content)
    ]
    assert len(blocks) >= 7
    for block in blocks:
        exec(compile(block, "answer", "exec"), {"__name__": "answer"})


@pytest.mark.parametrize("voice", ["swift", "careful", "coder"])
def test_the_merge_functions_merge_stably_and_leave_their_arguments_alone(voice):
    names = {}
    exec(python_blocks(answer(voice, PROMPTS[1]).content)[0], names)
    merge = names["merge"]
    for left, right in (([], []), ([1], []), ([], [2]), ([1, 1, 5], [0, 1, 7]), ([3, 4], [1, 2])):
        before = list(left), list(right)
        assert merge(left, right) == sorted([*left, *right])
        assert (left, right) == before
    assert list(map(type, merge([1], [1.0]))) == [int, float]


def test_a_cut_off_replica_does_what_the_cap_answer_says():
    names = {}
    exec(python_blocks(answer("coder", PROMPTS[2]).content)[0], names)
    available, consistent = names["Replica"]("availability"), names["Replica"]("consistency")
    available.write("new")
    assert available.value == "new"
    with pytest.raises(TimeoutError):
        consistent.write("new")
    assert consistent.value == "old"


@pytest.mark.parametrize("voice", ["swift", "terse", "careful"])
def test_a_haiku_keeps_its_three_lines_in_markdown(voice):
    assert re.search(r"(?:^.+  \n){2}.+", answer(voice, PROMPTS[4]).content, re.MULTILINE)


def test_reading_the_answers_loads_no_web_framework():
    code = (
        "import sys, ostream_compare.demo.answers as a; a.library();"
        "print(sorted({'starlette', 'uvicorn', 'anyio', 'openai', 'httpx2', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
