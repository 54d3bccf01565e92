"""Champion against challenger: this model beside another of its name, on the predictions that both made."""

import streamlit as st

from driftboard.comparison import compare_models
from driftboard.dashboard import page, paired_figures
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.source import Source, store_of
from driftboard.dashboard.status import of_verdict
from driftboard.dashboard.text import escaped, sentence
from driftboard.data import parse_model_key
from driftboard.data.pairs import NEWEST_BATCHES
from driftboard.errors import DriftboardError
from driftboard.monitors.paired_report import PairedReport

_LONGEST = 2_000  # two names of the longest kind, and the sentence


def show(scope: Scope) -> None:
    """Show a choice of the other models of this name, and how the chosen one compares; nothing without another."""
    others = [each.key for each in scope.models if _kin(each.key, scope.model.key)]
    if not others:
        return
    st.subheader("Compare with another version", anchor=False)
    other = st.selectbox(
        "Challenger",
        others,
        index=None,
        placeholder="Choose a version or environment",
        key=f"challenger of {scope.model.key}",
        help="Both log under the same prediction ids, one in the shadow of the other; labels of either count. "
        f"Read are the newest {NEWEST_BATCHES} batches of the model of this page.",
    )
    if other is None:
        return
    try:
        report = comparison(scope.source, scope.model.key, other)
    except DriftboardError as error:  # of this section: the page above stands
        st.error(escaped(str(error), limit=_LONGEST), icon=":material/compare_arrows:")
        return
    page.said(of_verdict(report.verdict), _said(report))
    paired_figures.show(report)


@st.cache_data(ttl=600, max_entries=16, show_spinner="Comparing what both predicted…")
def comparison(source: Source, champion: str, challenger: str) -> PairedReport:
    """Return how two models compare, in the bounds of `driftboard compare`; remembered until a newer report.

    Raises
    ------
    ConfigError
        The two cannot be compared.
    StoreError
        The log cannot be read.
    """
    with store_of(source.url, source.path) as store:
        return compare_models(store, parse_model_key(champion), parse_model_key(challenger))


def _kin(one: str, other: str) -> bool:
    """Whether two keys are of one name and not the same."""
    return one != other and one.partition(":")[0] == other.partition(":")[0]


def _said(report: PairedReport) -> str:
    """The sentence; a model's name at its beginning stays as it is written."""
    if report.message.startswith(report.names):
        return escaped(report.message, limit=_LONGEST)
    return sentence(report.message, limit=_LONGEST)
