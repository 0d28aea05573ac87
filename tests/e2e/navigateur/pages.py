"""The pages of both sites, as the build wrote them: no list to keep, so that a new page can't be forgotten."""

from infra.pages.__main__ import SORTIE


def pages_construites() -> list[str]:
    """The address of each page."""
    if not SORTIE.exists():
        raise FileNotFoundError("build/site manque : python -m infra.pages")
    relatifs = sorted(fichier.relative_to(SORTIE).as_posix() for fichier in SORTIE.rglob("*.html"))
    return ["/" + relatif.removesuffix("index.html") for relatif in relatifs]
