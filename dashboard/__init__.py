"""The view: a Streamlit application that reads the log and shows what the monitors said; it computes no statistics."""
