"""What the sites take from npm: the State's design system, the viewer of pièces, the solver of the anti-robot.

Versions are pinned here. Of the design system only the components that our pages use are taken, in one style sheet: a
first visit over a slow network pays for each kilobyte (docs/decisions/les-deux-sites.md).
"""

import posixpath
import re
import shutil
from pathlib import Path

from infra.npm import obtenir

DSFR = ("@gouvfr/dsfr", "1.15.3")
VISIONNEUSE = ("openseadragon", "6.1.1")
ANTI_ROBOT = ("altcha-lib", "1.4.1")
AXE = ("axe-core", "4.14.1")
"""For the tests only."""

COMPOSANTS = (
    *("link", "button", "badge", "logo", "alert", "notice", "radio", "checkbox", "callout", "modal", "stepper", "form"),
    *("input", "password", "select", "upload", "skiplink", "header", "footer"),
)
COMPOSANTS_AGENT = ("navigation", "table", "tab", "tag", "pagination", "search", "accordion")
"""What only the agents' portal uses, in a sheet of its own."""
ICONES = ("system", "document", "user", "communication", "design")
_URL = re.compile(r"url\(([^)]+)\)")
# Every browser with ES modules reads woff2. A face weighs 58 KB: medium is shown as regular, italic is not used.
_POLICES = ("Marianne-Regular.woff2", "Marianne-Bold.woff2")


def poser(destination: Path) -> None:
    """Write the files taken from the packages under ``destination``; raises ``infra.npm.SourceAbsente``."""
    dist = obtenir(*DSFR) / "dist"
    _feuille(
        [
            dist / "core/core.main.min.css",
            *(dist / f"component/{nom}/{nom}.main.min.css" for nom in COMPOSANTS),
            *(dist / f"utility/icons/icons-{nom}/icons-{nom}.main.min.css" for nom in ICONES),
        ],
        dist,
        destination / "dsfr.css",
    )
    agent = [dist / f"component/{nom}/{nom}.main.min.css" for nom in COMPOSANTS_AGENT]
    _feuille(agent, dist, destination / "dsfr-agent.css")
    script = (dist / "dsfr.module.min.js").read_text()
    (destination / "dsfr.js").write_text(re.sub(r"//# sourceMappingURL=\S+", "", script))
    for nom in ("favicon.svg", "favicon.ico", "apple-touch-icon.png"):
        _copier(dist / "favicon" / nom, destination / nom)
    for nom in ("technical-error", "success", "padlock", "document-signature"):
        for trouve in (dist / "artwork" / "pictograms").rglob(f"{nom}.svg"):
            _copier(trouve, destination / "pictogrammes" / trouve.name)
    visionneuse = obtenir(*VISIONNEUSE) / "build" / "openseadragon"
    _copier(visionneuse / "openseadragon.min.js", destination / "openseadragon.js")
    anti_robot = obtenir(*ANTI_ROBOT) / "dist"
    for nom in ("index.js", "helpers.js", "worker.js"):
        _copier(anti_robot / nom, destination / "altcha" / nom)


def _feuille(sources: list[Path], dist: Path, destination: Path) -> None:
    """One style sheet from many, and the fonts and icons that it names."""
    feuille = _polices_legeres("\n".join(_relative(source, dist) for source in sources))
    destination.write_text(feuille)
    for chemin in sorted({trouve.strip("'\"") for trouve in _URL.findall(feuille)}):
        if chemin.startswith("dsfr/"):
            _copier(dist / chemin.removeprefix("dsfr/"), destination.parent / chemin)


def _relative(source: Path, dist: Path) -> str:
    """The style sheet with its addresses written from our own sheet's place."""
    dossier = source.parent.relative_to(dist).as_posix()

    def recrire(trouve: re.Match[str]) -> str:
        adresse = trouve.group(1).strip("'\"")
        if adresse.startswith(("data:", "#")):
            return trouve.group(0)
        return f"url(dsfr/{posixpath.normpath(posixpath.join(dossier, adresse))})"

    texte = _URL.sub(recrire, source.read_text())
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", texte)


def _polices_legeres(feuille: str) -> str:
    """Without the faces that we do not serve, nor the woff form of the others."""

    def garder(trouve: re.Match[str]) -> str:
        regle = trouve.group(0)
        return re.sub(r",url\([^)]+\.woff\) ?format\([^)]+\)", "", regle) if any(p in regle for p in _POLICES) else ""

    return re.sub(r"@font-face\{[^}]*\}", garder, feuille)


def _copier(source: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, destination)
