"""The finished folder read back as a reader reads it, and what does not agree in it."""
