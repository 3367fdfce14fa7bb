"""An answer that names its model: the name is hidden, and nothing more than has to be."""

import pytest

from ostream_compare.domain.masking import MASK, mask_of
from ostream_compare.domain.preset import Preset, Provider


def preset(name, model, provider="local"):
    return Preset(name=name, model=model, provider=Provider(name=provider, base_url="http://localhost/v1"))


CLAUDE = preset("Sonnet", "claude-sonnet-4-5", "anthropic")
GPT = preset("GPT mini", "gpt-5-mini", "openai")
ROUTED = preset("Big", "meta-llama/llama-3.3-70b-instruct", "openrouter")


@pytest.mark.parametrize(
    ("presets", "text", "shown"),
    [
        ((CLAUDE, GPT), "I am Claude, made by Anthropic.", f"I am {MASK}, made by {MASK}."),
        ((CLAUDE, GPT), "As CHATGPT (GPT-4.1) by OpenAI.", f"As {MASK} ({MASK}) by {MASK}."),
        ((CLAUDE, GPT), "I'm gpt mini, id gpt-5-mini.", f"I'm {MASK}, id {MASK}."),
        ((CLAUDE, GPT), "Claude 3.5 and **claude-sonnet-4-5**!", f"{MASK} and **{MASK}**!"),
        ((CLAUDE, GPT), "A sonnet has 14 lines.", f"A {MASK} has 14 lines."),
        ((CLAUDE, GPT), "claudette, sonnets, regpt", "claudette, sonnets, regpt"),
        ((CLAUDE, ROUTED), "Llama 3.3 says: local variables", f"{MASK} says: local variables"),
        # what all have in common tells nothing
        ((GPT, preset("GPT nano", "gpt-5-nano", "openai")), "I am GPT by OpenAI", "I am GPT by OpenAI"),
        ((preset("a", "x/a"), preset("b", "x/b")), "a is not b", "a is not b"),
        ((preset("A.*", "m(1"), preset("[", "m+2")), "A.* and m(1 and Axx", f"{MASK} and {MASK} and Axx"),
        ((), "anything", "anything"),
    ],
)
def test_names_are_hidden(presets, text, shown):
    assert mask_of(presets).hide(text) == shown


def test_the_name_that_a_server_answered_under_is_hidden_too():
    assert mask_of((CLAUDE, GPT), ["o9-preview"]).hide("I am o9-preview") == f"I am {MASK}"
