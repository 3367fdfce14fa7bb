"""Every flaw of a file is named with file, line, key and remedy, all of them at once."""

import pytest

from ostream_compare.config.reading import loads

PROVIDERS = '[providers.demo]\nkind = "demo"\n'
MODEL = '[[models]]\nname = "A"\nprovider = "demo"\nmodel = "demo/swift"\n'


def problems(text: str) -> list[str]:
    return [str(problem) for problem in loads(text.encode(), "m.toml").problems]


IN_A_MODEL = [  # stands in line 7, below a whole model
    ("temprature = 1", "temprature: unknown key (did you mean temperature?)"),
    ("max-tokens = 1", "max-tokens: unknown key (did you mean max_tokens?)"),
    ("frobnicate = 1", "frobnicate: unknown key"),
    ('"odd key" = 1', '"odd key": unknown key'),
    ('temperature = "hot"', 'temperature: must be a number, not "hot"'),
    ("temperature = true", "temperature: must be a number, not true"),
    ("temperature = nan", "temperature: must be a finite number, not nan"),
    ("temperature = -inf", "temperature: must be a finite number, not -inf"),
    ("temperature = 1e99999999999999999999", "temperature: must be a finite number, not inf"),
    ("temperature = -0.1", "temperature: must be 0 or more, not -0.1"),
    ("top_p = 1.5", "top_p: must be 1 or less, not 1.5"),
    ("max_tokens = 0", "max_tokens: must be 1 or more, not 0"),
    ("max_tokens = 1.5", "max_tokens: must be a whole number, not 1.5"),
    ("max_tokens = 2020-01-01", "max_tokens: must be a whole number, not a date or time"),
    (f"seed = 0x{'f' * 60}", "seed: must be 9223372036854775807 or less, not a huge number"),
    ("enabled = 1", "enabled: must be true or false, not 1"),
    ("retries = -1", "retries: must be 0 or more, not -1"),
    ("stop = []", "stop: must be text or a list of texts, none of them empty"),
    ('stop = ["a", 1]', "stop: must be text or a list of texts, none of them empty"),
    ('system = " "', "system: must not be empty"),
    ("timeout = 30", "timeout: must be a table, not 30"),
    ("timeout = { idel = 3 }", "timeout.idel: unknown key (did you mean idle?)"),
    ("timeout.total = 0", "timeout.total: must be more than 0, not 0"),
    ("timeout.total = inf", "timeout.total: must be a finite number, not inf"),
    ("price = {}", "price: is empty (give input and output, or leave price out)"),
    (
        "price.free = false",
        "price: is not free, and has no figures (give input and output, or leave price out)",
    ),
    ("price = { input = 1 }", "price: output is missing: input and output go together"),
    ('price = { model = "m" }', "price: provider is missing: provider and model go together"),
    (
        "price = { input = 1, output = 1, free = true }",
        "price: says more than one thing (give input and output, or provider and model, or free = true)",
    ),
    ("price = { input = 1, output = -1 }", "price.output: must be 0 or more, not -1"),
    ("price = { input = 1, output = nan }", "price.output: must be a finite number, not nan"),
    ('price = { input = "1", output = 1 }', 'price.input: must be a number, not "1"'),
    ("price = { input = 1, output = true }", "price.output: must be a number, not true"),
    ("price = { input = 1, ouput = 1, output = 1 }", "price.ouput: unknown key (did you mean output?)"),
    ("extra_body = { stream = false }", "extra_body.stream: is refused: every answer is streamed"),
    (f"extra_body = {{ a = 0x{'f' * 20} }}", "extra_body.a: must be a smaller number"),
    ('reasoning_effort = "a\\u0007"', "reasoning_effort: must be one line without control characters"),
    ("extra_body = { a = [1, nan] }", "extra_body.a[1]: must be a finite number"),
    (
        "extra_body.when = 07:00:00",
        "extra_body.when: is a date or time, which a request cannot carry (write it in quotes)",
    ),
    (f"extra_body.{'a.' * 200}a = 1", "extra_body.a: is nested too deeply"),
    ('extra_headers = { "X\\n" = "a" }', 'extra_headers."X\\n": is not a header that HTTP can carry'),
    (
        'extra_headers = { Authorization = "Bearer sk-1" }',
        (
            "extra_headers.Authorization: is refused: a key does not belong in a file"
            " (name the variable that holds it with api_key_env)"
        ),
    ),
    (
        'api_key = "sk-1"',
        (
            "api_key: is refused: a key does not belong in a file"
            " (name the environment variable that holds it: api_key_env in [providers.NAME])"
        ),
    ),
    ("n = 2", "n: is refused: there is one answer a pane (name the model twice, under two names)"),
    ("stream = true", "stream: is refused: every answer is streamed (leave it out)"),
    ("top_k = 4", "top_k: unknown key: it is no parameter of OpenAI's (put it into extra_body)"),
    ('base_url = "x"', "base_url: unknown key here (it belongs in [providers.NAME])"),
    ("max_cost_usd = 1", "max_cost_usd: unknown key here (it belongs in [defaults])"),
]


@pytest.mark.parametrize(("line", "expected"), IN_A_MODEL)
def test_a_models_flaw_is_named_and_the_model_left_out(line: str, expected: str):
    loaded = loads(f"{PROVIDERS}{MODEL}{line}\n".encode(), "m.toml")
    assert [str(problem) for problem in loaded.problems] == [f"m.toml:7: models[0].{expected}"]
    assert loaded.config.presets == ()
    assert loaded.wrong == ("A",)


IN_A_PROVIDER = [  # below `[providers.x]`, so from line 2 on
    ("", "1: providers.x.base_url: is missing (such as https://api.openai.com/v1)"),
    (
        'base_url = "api.openai.com"',
        "2: providers.x.base_url: must begin with http:// or https:// and name a host",
    ),
    ('api_base = "ftp://h/"', "2: providers.x.api_base: must begin with http:// or https:// and name a host"),
    ('base_url = "http://[::1"', "2: providers.x.base_url: is not a URL"),
    ('base_url = "http://h:99999/v1"', "2: providers.x.base_url: is not a URL"),
    (
        'base_url = "https://u:secret@h/v1"',
        "2: providers.x.base_url: must not hold a user name or a password",
    ),
    ('base_url = "https://h/v1?a=b"', "2: providers.x.base_url: must not hold ? or #"),
    (
        'base_url = "https://h/v1/chat/completions/"',
        "2: providers.x.base_url: must end before /chat/completions",
    ),
    ('base_url = "http://h"\napi_base = "http://h"', "3: providers.x.api_base: is another name of base_url"),
    ('base_url = "http://h"\nbase_ulr = 1', "3: providers.x.base_ulr: unknown key (did you mean base_url?)"),
    (
        'base_url = "http://h"\nkind = "opnai"',
        '3: providers.x.kind: must be "demo" or "openai", not "opnai" (did',
    ),
    ('kind = "demo"\nbase_url = "http://h"', '3: providers.x.base_url: has no meaning with kind = "demo"'),
    ('kind = "demo"\nenv_key = "X"', '3: providers.x.env_key: has no meaning with kind = "demo"'),
    (
        'base_url = "http://h"\ntoken_param = "tokens"',
        '3: providers.x.token_param: must be "max_tokens" or "max_comp',
    ),
    ('base_url = "http://h"\nmax_parallel = 0', "3: providers.x.max_parallel: must be 1 or more, not 0"),
    (
        'base_url = "http://h"\ninclude_usage = 1',
        '3: providers.x.include_usage: must be "auto", true or false',
    ),
    (
        'base_url = "http://h"\napi_key_cmd = "pass x"',
        "3: providers.x.api_key_cmd: must be a list of words (such as",
    ),
    (
        'base_url = "http://h"\napi_key_cmd = []',
        "3: providers.x.api_key_cmd: must be a list of words, the program",
    ),
    (
        'base_url = "http://h"\napi_key_cmd = ["a"]\napi_key_env = "A"',
        "3: providers.x.api_key_cmd: is one too many: api_key_env names the key already",
    ),
    (
        'base_url = "http://h"\ntemperature = 1',
        "3: providers.x.temperature: unknown key here (it belongs in [[models]]",
    ),
]


@pytest.mark.parametrize(("body", "expected"), IN_A_PROVIDER)
def test_a_providers_flaw_leaves_out_its_models_and_no_others(body: str, expected: str):
    other = MODEL.replace('"A"', '"B"').replace('"demo"', '"x"')
    loaded = loads(f"[providers.x]\n{body}\n{PROVIDERS}{MODEL}{other}".encode(), "m.toml")
    (problem,) = (str(problem) for problem in loaded.problems)
    assert problem.startswith(f"m.toml:{expected}")
    assert [preset.name for preset in loaded.config.presets] == ["A"]
    assert loaded.wrong == ("B",)


@pytest.mark.parametrize(
    "line",
    [
        'api_key = "sk-CANARY"',
        'apiKey = "sk-CANARY"',
        'env_key = "sk-CANARY"',
        'env_key = "gsk_CANARY0123456789abcdef"',
        'api_key_env = ["sk-CANARY"]',
        'api_key_cmd = "sk-CANARY"',
        'base_url = "https://sk-CANARY@h"',
        'headers = "sk-CANARY"',
        'headers = { x-api-key = "sk-CANARY" }',
    ],
)
def test_no_problem_repeats_what_may_be_a_key(line: str):
    found = problems(f"[providers.x]\n{line}\n{PROVIDERS}{MODEL}")
    assert any(problem.startswith("m.toml:2: providers.x.") for problem in found)
    assert "CANARY" not in "".join(found)


IN_A_PROMPT = [  # in line 8, below `[[prompts]]`
    ("", ["7: prompts[0].user: is missing"]),
    ('user = ""', ["8: prompts[0].user: must not be empty"]),
    ("user = 5", ["8: prompts[0].user: must be text in quotes, not 5"]),
    (
        'user = "{audince}"\nvariables = { audience = "a" }',
        [
            "8: prompts[0].user: asks for {audince}, which variables does not have (did you mean audience?)",
            "9: prompts[0].variables.audience: {audience} is used nowhere (did you mean audince?)",
        ],
    ),
    (
        'user = "{x}"',
        ["8: prompts[0].user: asks for {x}, which variables does not have (write {{ and }} for braces)"],
    ),
    ('user = "int main() {\\n}"', ["8: prompts[0].user: has a lone { (write {{ for a brace)"]),
    (
        'user = "a {} b"',
        ["8: prompts[0].user: asks for {}, which variables does not have (write {{ and }} for braces)"],
    ),
    ('user = "a } b"', ["8: prompts[0].user: has a lone } (write }} for a brace)"]),
    ('user = "{a}"\nvariables.a = []', ["9: prompts[0].variables.a: has no values (give a list such as"]),
    (
        'user = "{a}"\nvariables.a = ["b",\n true]',
        ["10: prompts[0].variables.a[1]: must be text or a number"],
    ),
    (
        'user = "{a}{b}"\nvariables = { a = ' + str([*range(50)]) + ", b = " + str([*range(21)]) + " }",
        ["9: prompts[0].variables: makes 1050 prompts; 1000 is the most"],
    ),
    ('user = "a"\nusr = 1', ["9: prompts[0].usr: unknown key (did you mean user?)"]),
]


@pytest.mark.parametrize(("body", "expected"), IN_A_PROMPT)
def test_a_prompts_flaw_is_named_and_the_prompt_left_out(body: str, expected: list[str]):
    text = f'{PROVIDERS}{MODEL}[[prompts]]\n{body}\n[[prompts]]\nuser = "right"\n'
    loaded = loads(text.encode(), "m.toml")
    found = [str(problem) for problem in loaded.problems]
    assert len(found) == len(expected)
    assert all(one.startswith(f"m.toml:{start}") for one, start in zip(found, expected, strict=True))
    assert [prompt.user for prompt in loaded.config.prompts] == ["right"]
    assert len(loaded.config.presets) == 1


PAIR = PROVIDERS + MODEL
WHOLE_FILES = [
    ("", ["m.toml: there is no model in it (add a [[models]] table)"]),
    ("version = 2\n" + PAIR, ["m.toml:1: version: must be 1, not 2 (the file is for"]),
    ("version = true\n" + PAIR, ["m.toml:1: version: must be 1, not true"]),
    ("modles = 1\n" + PAIR, ["m.toml:1: modles: unknown key (did you mean models?)"]),
    (
        "temprature = 1\n" + PAIR,
        ["m.toml:1: temprature: unknown key (did you mean temperature in [[models]] or [defaults]?)"],
    ),
    (
        "temperature = 1\n" + PAIR,
        ["m.toml:1: temperature: unknown key here (it belongs in [[models]] or [defaults])"],
    ),
    (
        PROVIDERS + '[models]\nname = "A"\n',
        ["m.toml:3: models: must be a list of tables, not a table (write [[models]], with two brackets)"],
    ),
    ("models = [1]\n", ["m.toml:1: models[0]: must be a table, not 1"]),
    ("ui = 1\n" + PAIR, ["m.toml:1: ui: must be a table, not 1 (write [ui])"]),
    (
        '[[models]]\nname = "A"\nprovider = "demo"\nmodel = "m"\n[providers.dmo]\nkind = "demo"\n',
        ['m.toml:3: models[0].provider: there is no provider "demo" (did you mean dmo?)'],
    ),
    (MODEL, ['m.toml:3: models[0].provider: there is no provider "demo" (no provider is defined)']),
    (
        PROVIDERS + '[[models]]\nmodel = "m"\n',
        ["m.toml:3: models[0].name: is missing", "m.toml:3: models[0].provider: is missing here and in"],
    ),
    (
        PAIR + MODEL.replace('"A"', '" a "'),
        ['m.toml:8: models[1].name: "a" is the name of models[0] already, in line 4 (names differ'],
    ),
    (PAIR + "[ui.keymap]\nsave = 1\n", ["m.toml:8: ui.keymap.save: must be text in quotes, not 1"]),
    (PAIR + "[history]\nkeep_days = 0\n", ["m.toml:8: history.keep_days: must be 1 or more, not 0"]),
    (PAIR + "[history]\nkeep = 9\n", ["m.toml:8: history.keep: unknown key"]),
    (
        PAIR + '[ui]\ntheem = "x"\n',
        ["m.toml:8: ui.theem: unknown key (if you mean theme: choose it with --theme, or in the app, which"],
    ),
    (PAIR + "[ui]\nkeymp = {}\n", ["m.toml:8: ui.keymp: unknown key (did you mean keymap?)"]),
    (
        PAIR + '[defaults]\nname = "B"\n',
        ["m.toml:8: defaults.name: has no default (name each of [[models]])"],
    ),
    (
        MODEL + '[providers]\ndemo.kind = "demo"\nx = "sk-1"\n[providers." "]\nkind = "demo"\n',
        [
            "m.toml:7: providers.x: must be a table (write [providers.NAME] and its keys below)",
            'm.toml:8: providers." ": a provider\'s name must be one line and not empty',
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WHOLE_FILES)
def test_a_files_flaws_are_named_by_line(text: str, expected: list[str]):
    found = problems(text)
    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True))


def test_all_flaws_of_a_file_are_named_in_one_go_by_line():
    text = (
        'version = 3\n[defaults]\ntop_p = 2\n[providers.x]\nkind = "y"\n'
        '[[models]]\nname = ""\nprovider = "y"\nmodel = 1\nseed = "s"\n'
        '[[prompts]]\nuser = "{a} {"\nsystem = 5\n'
    )
    assert [problem.split(": ")[0] for problem in problems(text)] == [
        f"m.toml:{line}" for line in (1, 3, 5, 7, 8, 9, 10, 12, 12, 13)
    ]


def test_hundreds_of_flaws_of_one_table_are_counted_not_listed():
    many = "".join(f"k{number} = 1\n" for number in range(300))
    for text, path in ((many + PAIR, "m.toml: 200"), (f"{PAIR}{many}", "m.toml:3: models[0]: 200")):
        found = problems(text)
        assert len(found) == 101
        assert [one for one in found if "more" in one] == [f"{path} more keys are wrong here"]


def test_no_problem_carries_what_steers_a_terminal():
    text = (
        'version = "\\u001b[2J"\n"\\u001b" = 1\n[[models]]\nname = "A"\nprovider = "x\\u001b"\nmodel = "m"\n'
        '[providers."y\\u001b"]\nkind = "\\u202e"\n[[prompts]]\nuser = "{\\u001b}"\n'
        'variables."é\\u001bu" = 1\n'
    )
    found = "".join(problems(text))
    assert len(problems(text)) == 8
    assert not {"\x1b", "\u202e"} & set(found)
    assert "é" in found


@pytest.mark.parametrize(
    ("defaults", "models", "right"),
    [
        ("temperature = -1", ["", "temperature = 1"], ["m1"]),
        ("temprature = 1", ["", "temperature = 1"], ["m1"]),
        ("frobnicate = 1", [""], ["m0"]),
        ("max_cost_usd = -1", ["", "temperature = 1"], []),
        ("timeout = { idle = 0, total = 9 }", ["", "timeout.total = 1", "timeout.idle = 1"], ["m2"]),
        ("price.input = 1", ["", "price.free = true"], ["m1"]),
        ('provider = "dmo"', ["", 'provider = "demo"'], ["m1"]),
        ("extra_body = { n = 2, a = 1 }", ["", "extra_body.a = 1"], []),
    ],
)
def test_a_wrong_default_leaves_out_the_models_that_take_it(
    defaults: str, models: list[str], right: list[str]
):
    provider = "" if defaults.startswith("provider") else 'provider = "demo"\n'
    tables = "".join(f'[[models]]\nname = "m{i}"\nmodel = "m"\n{body}\n' for i, body in enumerate(models))
    if provider:
        tables = tables.replace('model = "m"\n', 'model = "m"\n' + provider)
    loaded = loads(f"{PROVIDERS}[defaults]\n{defaults}\n{tables}".encode(), "m.toml")
    assert len(loaded.problems) == 1
    assert loaded.problems[0].line == 4
    assert [preset.name for preset in loaded.config.presets] == right
    assert {*right, *loaded.wrong} == {f"m{i}" for i in range(len(models))}
