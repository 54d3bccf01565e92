"""The demo: a year of real flights and four synthetic scenarios, built through the public API."""
