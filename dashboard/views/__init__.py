"""One file for each page; Streamlit runs it as a script."""
