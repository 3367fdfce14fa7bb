"""Whose key a well-known environment variable holds: hosts that it may go to without a word from the user."""

import re
from urllib.parse import urlsplit

from ostream_compare.domain.vendors import VENDORS

_AZURE = ("*.openai.azure.com", "*.cognitiveservices.azure.com", "*.services.ai.azure.com")
_MORE: dict[str, tuple[str, ...]] = {
    "AZURE_OPENAI_API_KEY": _AZURE,
    "AZURE_API_KEY": _AZURE,
    "CO_API_KEY": ("api.cohere.ai", "api.cohere.com"),
    "COHERE_API_KEY": ("api.cohere.ai", "api.cohere.com"),
    "DASHSCOPE_API_KEY": (
        "dashscope.aliyuncs.com",
        "dashscope-intl.aliyuncs.com",
        "dashscope-us.aliyuncs.com",
    ),
    "DEEPINFRA_API_KEY": ("api.deepinfra.com",),
    "FIREWORKS_API_KEY": ("api.fireworks.ai",),
    "GOOGLE_API_KEY": ("generativelanguage.googleapis.com",),
    "HF_TOKEN": ("router.huggingface.co", "api-inference.huggingface.co"),
    "MOONSHOT_API_KEY": ("api.moonshot.ai", "api.moonshot.cn"),
    "NVIDIA_API_KEY": ("integrate.api.nvidia.com",),
    "SAMBANOVA_API_KEY": ("api.sambanova.ai",),
    "GITHUB_TOKEN": ("models.github.ai", "models.inference.ai.azure.com"),
    "GH_TOKEN": ("models.github.ai", "models.inference.ai.azure.com"),
    "AWS_BEARER_TOKEN_BEDROCK": ("bedrock-runtime.<region>.amazonaws.com",),
    # Secrets of other trades: a file that names them for a model means no good, or must be believed first.
    "AWS_ACCESS_KEY_ID": (),
    "AWS_SECRET_ACCESS_KEY": (),
    "AWS_SESSION_TOKEN": (),
    "GITLAB_TOKEN": (),
    "NPM_TOKEN": (),
    "PYPI_TOKEN": (),
    "SLACK_TOKEN": (),
}
OWNERS: dict[str, tuple[str, ...]] = {vendor.variable: (vendor.host,) for vendor in VENDORS} | _MORE
"""Variable to the hosts that are its own; `*.` is any name below, `<region>` such as `eu-west-1`.

A host that runs what its customers bring is nobody's own: whoever rents one reads the keys that it is sent.
"""
_WILD = {r"\*\.": r"[a-z0-9.-]+\.", "<region>": r"[a-z]{2}(?:-[a-z]+)+-\d"}


def foreign_host(variable: str, url: str) -> str | None:
    """The host of `url` if the key of a well-known `variable` is not its own; `None` if it may go there.

    Only https on its usual port counts as the owner's: another port is another origin.
    """
    owners = OWNERS.get(variable)
    if owners is None:
        return None
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" and parts.port in {None, 443} and any(_is(host, owner) for owner in owners):
        return None
    return parts.netloc.rpartition("@")[2] or url


def _is(host: str, owner: str) -> bool:
    pattern = re.escape(owner)
    for wild, names in _WILD.items():
        pattern = pattern.replace(wild, names)
    return re.fullmatch(pattern, host) is not None
