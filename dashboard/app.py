"""The dashboard's entry: `driftboard dashboard`, or `streamlit run dashboard/app.py`."""

import streamlit as st

from driftboard.config import load_settings
from driftboard.dashboard import address, page, scope
from driftboard.dashboard.queries import look
from driftboard.dashboard.text import escaped
from driftboard.errors import DriftboardError

PAGES = {
    "Overview": {"health": "monitor_heart"},
    "Why": {
        "drift": "ssid_chart",
        "predictions": "stacked_bar_chart",
        "performance": "target",
        "data_quality": "rule",
        "calibration": "balance",
    },
    "Machine room": {"service": "speed", "resources": "memory"},
    "Act": {"alerts": "notifications", "labels": "label", "backtest": "replay"},
}


_ICON = (  # a Material icon here would be fetched from a font server by every visitor's browser
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0072B2"/>'
    '<path d="M4 18h6l3-9 5 15 3-9h7" fill="none" stroke="#fff" stroke-width="2.6" stroke-linejoin="round"/></svg>'
)


def main() -> None:
    """Show the sidebar and the page of the address."""
    st.set_page_config(page_title="driftboard", page_icon=_ICON, layout="wide")
    chosen = st.navigation(
        {
            tier: [
                st.Page(
                    page.VIEWS[name],
                    title=page.TITLES[name],
                    icon=f":material/{icon}:",
                    url_path=None if name == "health" else name,
                    default=name == "health",
                )
                for name, icon in pages.items()
            ]
            for tier, pages in PAGES.items()
        }
    )
    try:
        if _prepare():
            chosen.run()
            address.write()
    except DriftboardError as error:
        st.error(escaped(str(error), limit=600), icon=":material/database_off:")
        page.empty(
            "The log cannot be shown",
            "The database is set by `store.data_dir` in driftboard.toml, or by DRIFTBOARD_STORE__DATA_DIR. "
            "Create one, or look at the demo's:",
            "driftboard init",
            "driftboard demo",
            icon="database_off",
        )


def _prepare() -> bool:
    """Read the log and show the selectors; return whether there is a model to look at."""
    settings = load_settings()
    if settings.alerts.dry_run:
        with st.sidebar:
            st.badge("Dry run: nothing is sent", icon=":material/science:", color="red")
    source, models = look(settings.store)
    if not models:
        st.title("Health", anchor=False)
        page.empty(
            "No model yet",
            "The log is ready and empty. Register a model with its reference and log a batch, or look at the demo's:",
            "driftboard init --model churn --reference validation.csv",
            "driftboard log monday.csv --model churn --batch 2026-01-05",
            "driftboard run",
            icon="rocket_launch",
        )
        return False
    scope.choose(source, settings, models)
    return True


main()
