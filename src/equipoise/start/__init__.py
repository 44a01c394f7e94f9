"""A first protocol from a user's own files: every guess written down with its reason."""

from equipoise.start.begin import start_study

__all__ = ["start_study"]
