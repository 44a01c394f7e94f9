"""Two finished output folders side by side: what `equipoise diff` says. Reads what was written, and runs no study."""
