"""The headers of the sites, said once: the local front door writes them, the template gives them to CloudFront."""

from collections.abc import Mapping

POUR_TOUJOURS = "public, max-age=31536000, immutable"
"""What is under a digest never changes."""

A_REVOIR = "no-cache"
"""What has an address of its own is kept, but asked for again each time."""

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def entetes_du_site(rapports: str = "") -> Mapping[str, str]:
    """What every answer of the sites carries; ``rapports``: where browsers tell what the content policy prevented."""
    return {
        "Content-Security-Policy": f"{_CSP}; report-uri {rapports}" if rapports else _CSP,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    }


def duree_de_garde(chemin: str) -> str:
    """The Cache-Control of ``chemin`` (``/actifs/…``, ``/compte/``)."""
    return POUR_TOUJOURS if chemin.startswith("/actifs/") else A_REVOIR
