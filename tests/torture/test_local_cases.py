"""Every case of `local_cases.toml` has tests, by name."""

import ast
import tomllib
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CASES = tomllib.loads((TESTS / "data/wire/local_cases.toml").read_text("utf-8"))["local"]
SIGNALS = "torture/test_signals.py"
COLLECTOR = "torture/test_collector_fails.py"
FULL = "torture/test_storage_full.py"
DAMAGE = "torture/test_storage_damage.py"
FILES = "torture/test_files.py"
TERMINAL = "torture/test_terminal.py"
LOAD = "load/test_many.py"
COVERED = {
    "loc-ctrl-c": [
        (SIGNALS, "test_ctrl_c_stops_and_saves_and_the_second_one_leaves"),
        (SIGNALS, "test_a_signal_without_a_screen_prints_and_saves_what_came"),
    ],
    "loc-sigterm": [(SIGNALS, "test_a_signal_gives_the_terminal_back_and_saves_what_came")],
    "loc-sighup": [
        (SIGNALS, "test_a_signal_gives_the_terminal_back_and_saves_what_came"),
        (SIGNALS, "test_a_terminal_that_goes_away_loses_nothing"),
    ],
    "loc-sigtstp": [
        (SIGNALS, "test_ctrl_z_gives_the_terminal_back_and_fg_draws_it_anew_while_streams_go_on"),
        (SIGNALS, "test_a_program_that_was_stopped_and_goes_on_still_gives_the_terminal_back"),
    ],
    "loc-resize": [
        (TERMINAL, "test_two_hundred_resizes_while_eight_panes_stream_lose_nothing"),
        ("tui/test_runs.py", "test_a_terminal_that_is_too_small_says_so_and_recovers"),
    ],
    "loc-disk-full": [
        (FULL, "test_the_write_that_fails_leaves_what_was_and_a_retry_works"),
        (FULL, "test_a_full_disk_is_named_and_loses_no_output"),
        ("tui/test_runs.py", "test_a_save_that_fails_says_so_and_loses_nothing"),
    ],
    "loc-readonly-dir": [
        (FILES, "test_a_folder_that_may_not_be_written_to_costs_the_history_alone"),
        (FILES, "test_the_screen_runs_without_a_place_to_write_and_says_so"),
    ],
    "loc-concurrent-save": [
        ("storage/test_index.py", "test_of_eight_writers_everything_lands"),
        ("storage/test_atomic.py", "test_many_writers_lose_nothing"),
    ],
    "loc-history-corrupt": [
        (DAMAGE, "test_a_damaged_index_is_set_aside_and_the_history_is_whole"),
        (DAMAGE, "test_of_a_damaged_log_everything_else_is_read_and_nothing_but_a_user_error_raised"),
        (DAMAGE, "test_the_program_starts_with_a_damaged_history_and_says_so_once"),
    ],
    "loc-kill-9": [
        ("torture/test_storage_kill.py", "test_nothing_that_was_confirmed_is_lost_and_every_store_opens"),
        ("storage/test_run_log.py", "test_a_killed_writer_loses_nothing_that_it_confirmed"),
        (SIGNALS, "test_the_child_of_a_parent_that_was_killed_ends_by_itself"),
    ],
    "loc-newer-schema": [
        (DAMAGE, "test_what_a_newer_version_keeps_is_read_around_and_never_written"),
        ("storage/test_settings.py", "test_a_newer_versions_file_is_left_alone"),
    ],
    "loc-clock-jump": [
        (FILES, "test_a_wall_clock_that_jumps_changes_no_duration_and_no_order"),
        ("collector/test_sockets.py", "test_a_wall_clock_that_was_set_gives_no_stamp"),
    ],
    "loc-dst": [(FILES, "test_times_are_kept_in_utc_and_shown_as_local_ones_across_a_change_of_the_clocks")],
    "loc-proxy-env": [
        ("torture/test_proxies.py", "test_this_machine_is_never_asked_through_a_proxy"),
        ("torture/test_proxies.py", "test_a_proxy_that_cannot_be_used_is_told_by_the_lane_that_needs_it"),
    ],
    "loc-env-sdk": [
        ("collector/test_worker.py", "test_no_key_no_authorization_and_nothing_of_the_environment"),
        ("collector/test_client.py", "test_the_child_sees_no_key_in_its_environment_and_has_its_own_session"),
    ],
    "loc-narrow-locale": [
        (TERMINAL, "test_a_narrow_locale_changes_no_byte_of_what_is_written"),
        (TERMINAL, "test_the_screen_is_drawn_in_a_narrow_locale"),
    ],
    "loc-no-tty": [
        ("cli/test_cli.py", "test_a_run_prints_its_table_saves_itself_and_exits_0"),
        ("cli/test_cli.py", "test_a_reader_that_goes_away_is_no_error"),
        ("cli/test_cli.py", "test_closed_streams_do_no_harm"),
        ("cli/test_screen.py", "test_a_dumb_terminal_gets_the_table"),
    ],
    "loc-sleep-wake": [
        (COLLECTOR, "test_what_breaks_while_the_whole_program_is_stopped_is_a_lost_connection"),
        (COLLECTOR, "test_a_limit_that_passed_while_the_collector_stood_still_waits_for_what_came_meanwhile"),
    ],
    "loc-many-panes": [(LOAD, "test_of_32_lanes_the_stalled_4_hold_up_nobody")],
    "loc-toml-bad": [
        ("config/test_wrong_files.py", "test_a_files_flaws_are_named_by_line"),
        ("config/test_wrong_files.py", "test_a_models_flaw_is_named_and_the_model_left_out"),
        ("config/test_unreadable_files.py", "test_what_cannot_be_read_is_a_user_error_that_says_why"),
    ],
    "loc-export-escape": [
        ("export/test_formats.py", "test_a_formula_in_a_cell_stays_text"),
        ("export/test_formats.py", "test_no_export_steers_a_terminal"),
        ("export/test_html.py", "test_a_payload_is_shown_as_it_is_wherever_it_stands"),
        ("storage/test_results.py", "test_no_name_leaves_the_folder"),
    ],
    "loc-key-in-crash": [
        ("tui/test_safety.py", "test_a_crash_tells_no_local_variable_no_key_and_nothing_to_the_terminal"),
        ("storage/test_run_log.py", "test_no_key_no_header_and_no_secret_comes_into_a_log"),
    ],
    "loc-symlink-save": [
        (FILES, "test_no_link_is_written_through"),
        (FILES, "test_no_link_that_leads_nowhere_makes_a_file_there"),
        ("storage/test_atomic.py", "test_replacing_a_link_leaves_its_target"),
    ],
    "loc-long-run": [(LOAD, "test_many_runs_leave_nothing_behind")],
}


def test_every_case_is_covered_and_none_that_is_not_there():
    assert sorted(case["id"] for case in CASES) == sorted(COVERED)
    assert all(COVERED.values())


@pytest.mark.parametrize("case", COVERED)
def test_the_tests_of_a_case_exist(case):
    for file, name in COVERED[case]:
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in names, f"{file} has no {name}"
