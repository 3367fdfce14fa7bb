"""Well-known hosts of models: their address, and the variable in which people keep their key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One host."""

    name: str
    """As a provider's table is called."""
    base_url: str
    variable: str
    """Environment variable of its key."""
    model: str
    """A cheap model of it."""
    token_param: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"  # noqa: S105 - a parameter's name

    @property
    def host(self) -> str:
        """Where its key may go."""
        return urlsplit(self.base_url).hostname or ""


VENDORS = (
    Vendor(
        name="openai",
        base_url="https://api.openai.com/v1",
        variable="OPENAI_API_KEY",
        model="gpt-6-luna",
        token_param="max_completion_tokens",  # noqa: S106 - as above
    ),
    Vendor(
        name="anthropic",
        base_url="https://api.anthropic.com/v1",
        variable="ANTHROPIC_API_KEY",
        model="claude-haiku-5-5",
    ),
    Vendor(
        name="google",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        variable="GEMINI_API_KEY",
        model="gemini-3.8-flash",
    ),
    Vendor(
        name="openrouter",
        base_url="https://openrouter.ai/api/v1",
        variable="OPENROUTER_API_KEY",
        model="qwen/qwen3.8-flash",
    ),
    Vendor(
        name="groq",
        base_url="https://api.groq.com/openai/v1",
        variable="GROQ_API_KEY",
        model="openai/gpt-oss-20b",
    ),
    Vendor(
        name="mistral",
        base_url="https://api.mistral.ai/v1",
        variable="MISTRAL_API_KEY",
        model="mistral-small-latest",
    ),
    Vendor(
        name="deepseek",
        base_url="https://api.deepseek.com/v1",
        variable="DEEPSEEK_API_KEY",
        model="deepseek-chat",
    ),
    Vendor(name="xai", base_url="https://api.x.ai/v1", variable="XAI_API_KEY", model="grok-4.7"),
    Vendor(
        name="cerebras",
        base_url="https://api.cerebras.ai/v1",
        variable="CEREBRAS_API_KEY",
        model="gpt-oss-120b",
    ),
    Vendor(
        name="perplexity", base_url="https://api.perplexity.ai", variable="PERPLEXITY_API_KEY", model="sonar"
    ),
    Vendor(
        name="together",
        base_url="https://api.together.xyz/v1",
        variable="TOGETHER_API_KEY",
        model="zai-org/GLM-5.3-Flash",
    ),
)


def with_key(environ: Mapping[str, str]) -> tuple[Vendor, ...]:
    """The vendors whose variable is set; its value is looked at no further."""
    return tuple(vendor for vendor in VENDORS if environ.get(vendor.variable, "").strip())


def vendor_at(base_url: str) -> Vendor | None:
    """The vendor whose origin `base_url` is on."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" or parts.port not in {None, 443}:
        return None
    return next((vendor for vendor in VENDORS if vendor.host == parts.hostname), None)
