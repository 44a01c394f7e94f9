"""Which process runs which test: those that need Spark share one, as to begin a second Java costs more than most tests.

xdist has groups for that, but says them in a field that pytest no longer reads since its node ids are objects.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

SPARK = "spark"  # stands in the name of every test that begins it, or of its file


class OneSpark(LoadScopeScheduling):
    """Tests one by one, or a file at a time (--dist loadfile), and all of Spark together."""

    def _split_scope(self, nodeid: str) -> str:
        if SPARK in nodeid.lower():
            return SPARK
        return nodeid.partition("::")[0] if self.config.getvalue("dist") == "loadfile" else nodeid
