"""Saved comparisons: one TOML file each in the user's results folder."""

from pathlib import Path

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.spelling import from_toml, to_toml
from ostream_compare.storage.atomic import slug, write_new
from ostream_compare.storage.paths import private_folder, results_folder


def save_comparison(comparison: Comparison, folder: Path | None = None) -> Path:
    """Save `comparison` under its id and its prompt's name, and never over another file.

    Args:
        comparison: What to save.
        folder: Where; the user's results folder by default.

    Raises:
        OSError: It could not be written.
    """
    into = private_folder(results_folder() if folder is None else folder)
    prompt = comparison.prompts[0] if comparison.prompts else None
    stem = file_stem(comparison.id, (prompt.name or prompt.user) if prompt else "")
    return write_new(into, stem, ".toml", to_toml(comparison).encode())


def file_stem(run: str, about: str) -> str:
    """What the files of a run are called: by its id, and by its prompt's name or first words."""
    return "-".join(part for part in (slug(run), slug(about[:40], fallback="")) if part)


def load_comparison(path: Path) -> Comparison:
    """A comparison that was saved.

    Raises:
        UserError: It cannot be read, or is none.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError("Cannot read the comparison", Problem(message=why, path=str(path))) from None
    return from_toml(text, path=str(path))
