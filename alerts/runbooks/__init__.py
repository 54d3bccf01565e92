"""What to do about an alert: one short page for each rule."""

from importlib import resources

_PAGES = resources.files(__name__)


def slugs() -> tuple[str, ...]:
    """Return the names of all pages, sorted."""
    files = (file.name for file in _PAGES.iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in files if name.endswith(".md")))


def runbook(slug: str) -> str:
    """Return the page, as Markdown.

    Raises
    ------
    LookupError
        There is no such page.

    >>> runbook("label_shift").splitlines()[0]
    '# Predictions shifted'
    """
    if slug not in slugs():
        raise LookupError(f"no runbook {slug!r}: there are {', '.join(slugs())}")
    return _PAGES.joinpath(f"{slug}.md").read_text(encoding="utf-8")
