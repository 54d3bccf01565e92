"""Labels: how much truth there is, what people are asked for, and labels from a file."""

import streamlit as st

from driftboard.dashboard import actor, acts, label_coverage, label_upload, page, review_form, sampled_accuracy, scope
from driftboard.dashboard.text import escaped


def main() -> None:
    """Show coverage and accuracy, the review queue, and the way in for a file of labels."""
    chosen = scope.current()
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.title(page.TITLES["labels"], anchor=False)
        st.caption(f"{escaped(chosen.model.key)} · the truth about its predictions")
    with right:
        actor.ask()
    acts.outcome()
    queue, file, truth = st.tabs(
        [":material/rate_review: Review queue", ":material/upload_file: From a file", ":material/label: Coverage"]
    )
    with queue:
        review_form.show(chosen)
        sampled_accuracy.show(chosen)
    with file:
        label_upload.show(chosen)
    with truth:
        label_coverage.show(chosen)


main()
