from ostream_compare.config.reading import loads
from ostream_compare.config.templates import prompt_with

FILE = b"""
[providers.p]
kind = "demo"
[[models]]
name = "a"
provider = "p"
model = "demo/swift"
[[prompts]]
name = "explain"
user = "Explain {what} to {{me}}, a {who}."
system = "Be {who}."
variables = { what = ["locks", 2], who = "cook" }
[[prompts]]
user = "plain"
[[prompts]]
user = "{wrong}"
variables = {}
"""


def test_the_file_keeps_its_templates_beside_their_combinations():
    loaded = loads(FILE, "x.toml").config
    explain, plain = loaded.templates
    assert (explain.name, explain.user, dict(explain.variables)) == (
        "explain",
        "Explain {what} to {{me}}, a {who}.",
        {"what": ("locks", "2"), "who": ("cook",)},
    )
    assert (plain.user, dict(plain.variables)) == ("plain", {})
    assert [prompt.user for prompt in loaded.prompts] == [
        "Explain locks to {me}, a cook.",
        "Explain 2 to {me}, a cook.",
        "plain",
    ]


def test_values_that_the_file_does_not_have_fill_a_template_as_they_are():
    template = loads(FILE, "x.toml").config.templates[0]
    prompt = prompt_with(template, {"what": "{who}", "who": "{"})
    assert (prompt.user, prompt.system) == ("Explain {who} to {me}, a {.", "Be {.")
    assert prompt.variables == {"what": "{who}", "who": "{"}
