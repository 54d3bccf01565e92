"""Charts: a frame and a palette in, an Altair chart out; every one says its limits, sample sizes and uncertainty."""
