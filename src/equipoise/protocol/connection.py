"""The address of a database in a protocol: which kinds there are, what may not stand in it, and how it is printed."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

KINDS = ("postgresql", "duckdb", "spark")
ALIASES = {"postgres": "postgresql", "sc": "spark"}  # sc: Spark Connect
SECRET = ("password", "sslpassword", "passfile", "token", "passwd", "pwd", "secret")
UNSHOWN = (*SECRET, "user")
EXAMPLES = "postgresql://host/database, postgresql:///?service=name, duckdb:///file.duckdb or spark://local"


def kind_of(url: str) -> str:
    """postgresql, duckdb, spark; '' for any other address."""
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    scheme = ALIASES.get(scheme, scheme)
    return scheme if scheme in KINDS else ""


def address_fault(url: str) -> str:
    """What is wrong with an address, in a sentence that quotes nothing of it; '' where it can be used."""
    if not kind_of(url) or any(ord(c) < 32 for c in url):
        return f"this is no address of a database; write {EXAMPLES}"
    try:
        parts = urlsplit(url)
        given, _ = parts.password, parts.port
    except ValueError:
        return f"this address cannot be read; write {EXAMPLES}"
    if any(part.partition("=")[0].strip().lower() in SECRET for part in parts.path.split(";")):
        return (
            "a token stands in this address, and a protocol is passed on; take it out and give it by the environment variable "
            "SPARK_CONNECT_TOKEN"
        )
    if given is not None or any(key.lower() in SECRET for key, _ in parse_qsl(parts.query, keep_blank_values=True)):
        return (
            "a password stands in this address, and a protocol is passed on; take it out and give it by the environment variable "
            "PGPASSWORD or by a service file: postgresql:///?service=name"
        )
    return ""


def shown(url: str) -> str:
    """The address as it may be printed: without the user and without anything secret."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        kept = [(k, v) for k, v in parse_qsl(parts.query) if k.lower() not in UNSHOWN]
    except ValueError:
        return ""
    query = f"?{urlencode(kept, safe='/')}" if kept else ""
    return f"{kind_of(url)}://{host}{parts.path.partition(';')[0]}{query}"
