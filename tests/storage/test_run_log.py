"""Logs: what was appended is read back, whatever ended the writer, and whatever the disk did."""

import json
import os
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ostream_compare.domain.comparison import Vote
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.events import Delta
from ostream_compare.domain.recorded import FORMAT, Finished, Voted, happened
from ostream_compare.storage.run_log import (
    RunLog,
    is_being_written,
    line_of,
    read_run,
    recorded_comparison,
    run_logs,
)
from storage.runs import MS, answer, ended, header

KILLS = int(os.environ.get("KILLS", "12"))
"""How often a writer is killed; `KILLS=1000` for the whole of it."""
HERE = Path(__file__).parents[1]


def write(folder, *records, number=0):
    log = RunLog.create(header(number), folder)
    log.append(*records)
    log.close()
    return log.path


def test_what_was_appended_is_read_back_in_order(tmp_path):
    records = [*answer(0, "a mutex has one owner"), *answer(1, "both limit access"), ended()]
    path = write(tmp_path, *records)
    run = read_run(path)
    assert run.header == header()
    assert list(run.records()) == records
    assert [response.content for response in run.responses()] == [
        "a mutex has one owner",
        "both limit access",
    ]
    assert not any(hasattr(record, "event") and isinstance(record.event, Delta) for record in run.verdicts())


def test_a_log_and_its_folder_are_the_users_alone(tmp_path):
    old = os.umask(0)
    try:
        path = write(tmp_path / "data" / "runs")
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == path.parent.parent.stat().st_mode & 0o777 == 0o700


def test_no_file_is_written_over_and_no_link_is_followed(tmp_path):
    runs = tmp_path / "runs"
    write(runs)
    with pytest.raises(FileExistsError):
        RunLog.create(header(), runs)
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    (runs / f"{header(1).id}.jsonl").symlink_to(victim)
    with pytest.raises(FileExistsError):
        RunLog.create(header(1), runs)
    with pytest.raises(UserError):
        read_run(runs / f"{header(1).id}.jsonl")
    assert victim.read_text() == "as it was"


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "x" * 300])
def test_an_id_that_is_no_name_of_a_file_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="no name of a file"):
        RunLog.create(replace(header(), id=name), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_text_is_kept_as_it_was_and_steers_no_terminal(tmp_path):
    raw = "\x1b]52;c;x\x07 \x9b31m \u202e \u2028 \x7f \U000e0041 é 漢 \r\n\t"
    path = write(tmp_path, happened(Delta(lane=0, at=MS, text=raw)))
    (record,) = read_run(path).records()
    assert record.event.text == raw
    written = path.read_text(encoding="utf-8")
    assert not set(written) & set("\x1b\x07\x9b\u202e\u2028\x7f\U000e0041\r")


@pytest.mark.parametrize("last", ["verdict", "header"])
def test_a_line_torn_at_any_byte_is_cut_and_the_rest_is_whole(tmp_path, last):
    records = answer(0, "a mutex has one owner")
    path = write(tmp_path, *records)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    begin = len(whole) - len(lines[-1]) if last == "verdict" else 0
    for size in range(begin, begin + len(lines[-1 if last == "verdict" else 0])):
        path.write_bytes(whole[:size])
        if last == "header":
            with pytest.raises(UserError):
                read_run(path)
            continue
        run = read_run(path)
        assert list(run.records()) == records[:-1], size
        assert run.damaged == 0


def test_a_torn_line_is_cut_off_before_a_log_goes_on(tmp_path):
    records = answer(0, "a mutex has one owner")
    path = write(tmp_path, *records)
    whole = path.read_bytes()
    last = len(whole.splitlines(keepends=True)[-1])
    for size in range(len(whole) - last, len(whole), 7):
        path.write_bytes(whole[:size])
        log = RunLog.reopen(path)
        log.append(*records[-1:], ended())
        log.close()
        assert list(read_run(path).records()) == [*records, ended()], size


def test_a_damaged_line_in_the_middle_is_left_out_and_counted(tmp_path):
    records = answer(0, "one two three")
    path = write(tmp_path, *records)
    lines = path.read_bytes().splitlines(keepends=True)
    for number in range(1, len(lines) - 1):
        for damage in (b"\x00" * (len(lines[number]) - 1) + b"\n", lines[number].replace(b'"at":', b'"At":')):
            path.write_bytes(b"".join([*lines[:number], damage, *lines[number + 1 :]]))
            run = read_run(path)
            assert list(run.records()) == [*records[: number - 1], *records[number:]]
            assert run.damaged == 1
            log = RunLog.reopen(path)
            log.vote(Vote(winner="Swift", loser="Careful"))
            log.close()
            assert isinstance(list(read_run(path).records())[-1], Voted)


def test_what_a_newer_version_wrote_is_named_and_left_alone(tmp_path):
    path = tmp_path / "new.jsonl"
    path.write_bytes(line_of(replace(header(), format=FORMAT + 1)))
    before = path.read_bytes()
    with pytest.raises(UserError, match=f"newer version .* format {FORMAT + 1}"):
        RunLog.reopen(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"\n", b"no log\n", b"{}\n", b"\x00" * 100, b"00000000 \n"])
def test_what_is_no_log_is_a_user_error(tmp_path, content):
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError, match="no log of a run"):
        read_run(path)


def test_one_writer_at_a_time_and_the_living_are_known(tmp_path):
    log = RunLog.create(header(), tmp_path)
    assert is_being_written(log.path)
    with pytest.raises(BlockingIOError):
        RunLog.reopen(log.path)
    log.close()
    log.close()
    assert not is_being_written(log.path)
    again = RunLog.reopen(log.path)
    assert is_being_written(log.path)
    again.close()


def test_logs_are_listed_newest_first(tmp_path):
    assert run_logs(tmp_path / "none") == []
    paths = [write(tmp_path, number=number) for number in (3, 1, 2)]
    (tmp_path / "notes.txt").touch()
    assert run_logs(tmp_path) == sorted(paths, reverse=True)


# A disk that fails


def writer(code, *arguments, **options):
    """A process that writes, with this folder's helpers on its path."""
    script = f"import sys\nsys.path[:0] = {[str(HERE)]!r}\n{code}"
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, **options)


FILLS = """
import resource, signal
from pathlib import Path
from ostream_compare.storage.run_log import RunLog
from storage.runs import answer, header
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limits = [int(word) for word in sys.argv[2].split(",")]
for number, limit in enumerate(limits):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    done = 0
    log = None
    try:
        log = RunLog.create(header(number), Path(sys.argv[1]))
        for record in answer(0, "a mutex has one owner"):
            log.append(record)
            done += 1
    except OSError as error:
        pass
    if log is not None:
        log.close()
    print(number, done, int(log is not None), flush=True)
"""


def test_the_write_that_fails_leaves_what_was_before_whatever_its_number_is(tmp_path):
    records = answer(0, "a mutex has one owner")
    sizes = [len(line_of(header())), *(len(line_of(record)) for record in records)]
    ends = [sum(sizes[:count]) for count in range(1, len(sizes) + 1)]
    limits = sorted({limit for end in ends for limit in (end - 1, end, end + 5, end - sizes[1] // 2)})
    process = writer(FILLS, str(tmp_path), ",".join(map(str, limits)))
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    told = [tuple(map(int, line.split())) for line in output.decode().splitlines()]
    assert len(told) == len(limits)
    for (number, done, was_made), limit in zip(told, limits, strict=True):
        path = tmp_path / f"{header(number).id}.jsonl"
        assert was_made == path.exists() == (limit >= ends[0]), limit
        if was_made:
            run = read_run(path)
            assert list(run.records()) == records[:done], limit
            assert run.damaged == 0
            assert path.stat().st_size <= limit
            assert path.stat().st_size == ends[done], "nothing torn is left behind"


# kill -9

KILLED = """
import os, random, signal
from pathlib import Path
from ostream_compare.storage.run_log import RunLog
from storage.runs import answer, header

folder, kills = Path(sys.argv[1]), int(sys.argv[2])
chance = random.Random(6)

def write(number, told):
    log = RunLog.create(header(number), folder)
    for round in range(100_000):
        for record in answer(0, "a mutex has one owner and a semaphore counts permits"):
            log.append(record)
        os.write(told, b".")

for number in range(kills):
    wanted = chance.randrange(1, 40)
    hears, tells = os.pipe()
    child = os.fork()
    if not child:
        try:
            write(number, tells)
        finally:
            os._exit(1)
    os.close(tells)
    confirmed = 0
    while confirmed < wanted and (data := os.read(hears, wanted)):
        confirmed += len(data)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while data := os.read(hears, 1 << 16):
        confirmed += len(data)
    os.close(hears)
    print(confirmed)
"""


def test_a_killed_writer_loses_nothing_that_it_confirmed(tmp_path):
    text = "a mutex has one owner and a semaphore counts permits"
    output, _ = writer(KILLED, str(tmp_path), str(KILLS)).communicate(timeout=60 * KILLS)
    told = [int(line) for line in output.decode().splitlines()]
    assert len(told) == KILLS
    for number, confirmed in enumerate(told):
        assert confirmed, "it was killed, it did not fail"
        run = read_run(tmp_path / f"{header(number).id}.jsonl")
        verdicts = [record for record in run.records() if isinstance(record, Finished)]
        assert run.damaged == 0
        assert confirmed <= len(verdicts) <= confirmed + 1
        assert {record.event.response.content for record in verdicts} == {text}
        assert not is_being_written(run.path)
        assert recorded_comparison(run.path).responses[0].content == text


def test_memory_does_not_grow_with_the_log(tmp_path):
    log = RunLog.create(header(), tmp_path)
    long = happened(Delta(lane=0, at=1, text="x" * 10_000))
    for _ in range(40):
        log.append(*[long] * 100)
    log.close()
    run = read_run(log.path)
    assert sum(1 for _ in run.records()) == 4000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in run.records()) == 4000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10_000, "KiB"


def test_no_key_no_header_and_no_secret_comes_into_a_log(tmp_path):
    canary = "sk-canary-0123456789"
    first = header()
    secret = replace(
        first.presets[0],
        provider=replace(
            first.presets[0].provider,
            base_url=f"https://user:{canary}@host.example:8443/v1?key={canary}#{canary}",
            api_key_env=f"NAME_{canary}",
            api_key_cmd=("echo", canary),
        ),
        params={
            "temperature": 0.5,
            "extra_headers": {"Authorization": canary},
            "extra_body": {"vault": {"password": canary, "user": "me"}},
        },
    )
    from ostream_compare.domain.recorded import header_of
    from ostream_compare.domain.run import Run

    run = Run.begin(
        id=first.id, started_at=first.started_at, origin=0, prompt=first.prompts[0], presets=(secret,)
    )
    log = RunLog.create(header_of(run, first.config), tmp_path)
    log.close()
    assert canary.encode() not in log.path.read_bytes()
    (preset,) = read_run(log.path).header.presets
    assert preset.provider.base_url == "https://host.example:8443/v1"
    assert preset.params == {
        "temperature": 0.5,
        "extra_body": {"vault": {"password": "[key]", "user": "me"}},
    }


def test_each_line_is_its_checksum_and_json(tmp_path):
    path = write(tmp_path, *answer(0, "x"))
    for line in path.read_text().splitlines():
        assert line[8] == " "
        assert "type" in json.loads(line[9:])
