"""A row that is selected is the incident that the page is about, and the address says so."""

import pytest
from streamlit.testing.v1 import AppTest


def _select() -> None:
    import streamlit as st  # noqa: PLC0415 - the function is run as a script

    from driftboard.dashboard import incident_choice  # noqa: PLC0415

    st.session_state["table"] = {"selection": {"rows": st.session_state["rows"]}}
    incident_choice.choose_row("table", [50, 60])
    st.text(f"{incident_choice.read()} {st.query_params.get('incident')}")


@pytest.mark.parametrize(
    ("rows", "words"),
    [([1], "60 60"), ([], "7 7"), ([9], "7 7")],
    ids=["a row", "no row", "a row that is gone"],
)
def test_a_selected_row_is_the_choice(rows, words):
    """The selected one; without one, or of a row that a filter took away, what the address asks for."""
    page = AppTest.from_function(_select)
    page.query_params["incident"] = "7"
    page.session_state["rows"] = rows
    page.run()
    assert not page.exception
    assert page.text[0].value == words


def test_the_choice_is_kept_without_an_address():
    """Coming back to the page through the navigation, whose address is empty, the incident is the same."""
    page = AppTest.from_function(_select)
    page.session_state["rows"] = [0]
    page.run()
    page.query_params.clear()
    page.session_state["rows"] = []
    page.run()
    assert page.text[0].value == "50 None"
