"""What helps against each kind of error, in words that name the place in the file. Pure."""

from ostream_compare.domain.preset import Preset
from ostream_compare.domain.safe_text import clean_line

_WAIT = "wait a little, or raise retries"
_PARAMETERS = "check what the file sends: max_tokens, temperature and the like"


def remedy(kind: str, preset: Preset) -> str | None:
    """What helps, where the server's own words give no hint.

    Args:
        kind: Of the error; what is not known here says it in its message, or nothing but another try helps.
        preset: What was asked.
    """
    provider, model = clean_line(preset.provider.name), clean_line(preset.model)
    at = f"the base_url of {provider}"
    remedies = {
        "auth": _about_key(preset),
        "payment": f"look at your account of {provider}",
        "permission": f"this key may not use {model}: take another key or model",
        "not_found": f"check model = {model}, and {at}",
        "bad_request": _PARAMETERS,
        "unprocessable": _PARAMETERS,
        "rate_limit": _WAIT,
        "server": _WAIT,
        "connect": f"see that a server runs at {clean_line(preset.provider.base_url or provider)}",
        "dns": f"check the host in {at}",
        "tls": f"check {at}, and the server's certificate",
        "redirect": "give base_url the address that it leads to",
        "protocol": f"check {at}",
        "not_a_stream": f"check {at}",
        "stall_first": "timeout.first_token says how long it may take",
        "stall": "timeout.idle says how long a pause may be",
        "total_timeout": "timeout.total says how long it may take",
    }
    return remedies.get(kind)


def _about_key(preset: Preset) -> str:
    provider = preset.provider
    if provider.api_key_env is not None:
        return f"check the key in {clean_line(provider.api_key_env)}"
    name = clean_line(provider.name)
    if provider.api_key_cmd is not None:
        return f"check the key that api_key_cmd of {name} prints"
    return f"it wants a key: name its variable in api_key_env of {name}"
