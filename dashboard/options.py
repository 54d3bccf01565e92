"""What Streamlit must be told when it is started from any folder; imports nothing, so that a launcher may ask."""

from pathlib import Path

THEME_FILE = Path(__file__).with_name("theme.toml")


def streamlit_options() -> tuple[str, ...]:
    """Return the flags for `streamlit run` that `.streamlit/config.toml` gives in a checkout.

    >>> streamlit_options()[2:4]
    ('--browser.gatherUsageStats', 'false')
    """
    options = {
        "theme.base": str(THEME_FILE),
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
        "client.toolbarMode": "viewer",
        "client.disableDataExport": "true",
    }
    return tuple(part for name, value in options.items() for part in (f"--{name}", value))
