"""Equipoise: a whole comparative-effectiveness study from one protocol file."""

__version__ = "0.1.0"
