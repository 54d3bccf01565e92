"""What a monitor found, in words: a badge and a sentence for each finding, the gravest first."""

from collections.abc import Sequence

import streamlit as st

from driftboard.dashboard import page
from driftboard.dashboard.attention import counted, worth_a_word
from driftboard.dashboard.status import CONSEQUENCES, of_verdict
from driftboard.dashboard.text import escaped, sentence
from driftboard.monitors.finding import Finding
from driftboard.monitors.report import Report

_MOST = 6


def summary(report: Report, batch: str, *, consequence: str | None = None) -> None:
    """Show the verdict of one batch with its sentence, then each finding that asks for attention."""
    loud = worth_a_word(report.findings)
    repeated = any(each.text in report.message for each in loud[1:])
    said = counted(loud) if repeated else sentence(report.message)
    with st.container(horizontal=True, vertical_alignment="top", wrap=False):
        page.badge(of_verdict(report.verdict))
        if consequence in CONSEQUENCES:
            page.badge(CONSEQUENCES[consequence])
        st.markdown(f"**Batch {escaped(batch)}** · {said}")
    if len(loud) > 1:
        _listing(loud)


def _listing(findings: Sequence[Finding]) -> None:
    """All but the first few are folded away."""
    with st.container(border=True, gap="small"):
        for each in findings[:_MOST]:
            _line(each)
        if len(findings) > _MOST:
            with st.expander(f"{len(findings) - _MOST} more"):
                for each in findings[_MOST:]:
                    _line(each)


def _line(finding: Finding) -> None:
    with st.container(horizontal=True, vertical_alignment="top", wrap=False):
        page.badge(of_verdict(finding.verdict))
        st.markdown(f"{sentence(finding.text)}.")
