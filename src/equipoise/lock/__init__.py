"""The lock of a design: what was decided before outcomes were opened, and what has changed since."""
