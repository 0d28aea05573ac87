"""``python -m infra.pages``: the two sites, from ``site/`` to ``build/site/``.

A page is a file of ``site/pages/`` and becomes a folder's ``index.html`` (``404.html`` stays). Styles, modules and what
comes from npm go under ``/actifs/<digest>/``: a change of any of them changes their address, so that browsers may keep
them for ever. ``/service-worker.js`` keeps pages and assets for a slow or lost network; ``actifs.json`` tells the front
door's own pages where the assets are.
"""

import fcntl
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from infra.npm import SourceAbsente
from infra.pages import paquets
from infra.pages.contexte import contexte, referentiel
from infra.pages.typographie import composer

RACINE = Path(__file__).parents[2]
SOURCES = RACINE / "site"
SORTIE = RACINE / "build" / "site"
_PAQUETS = RACINE / "build" / "actifs-npm"


def construire(sortie: Path = SORTIE, jour: date | None = None) -> dict[str, int]:
    """Write the sites whole, then put them in the place of the former ones; how many pages and assets there are.

    Prices shown without the API are those of ``jour`` (today). Raises ``SourceAbsente`` when npm does not answer.
    """
    sortie.parent.mkdir(exist_ok=True)
    with _seul(sortie.parent / "pages.verrou"), tempfile.TemporaryDirectory(dir=sortie.parent) as provisoire:
        neuf = Path(provisoire) / "site"
        actifs = _actifs(Path(provisoire) / "actifs")
        empreinte = _empreinte(actifs)
        base = f"/actifs/{empreinte}"
        shutil.copytree(actifs, neuf / base.lstrip("/"))
        pages = _pages(neuf, base, jour or date.today())
        _service_worker(neuf, base, pages)
        (neuf / "actifs.json").write_text(json.dumps({"base": base}))
        shutil.copyfile(actifs / "favicon.ico", neuf / "favicon.ico")
        if sortie.exists():
            sortie.rename(Path(provisoire) / "ancien")
        neuf.rename(sortie)
        nombre = sum(1 for fichier in actifs.rglob("*") if fichier.is_file())
    return {"pages": len(pages), "actifs": nombre}


@contextmanager
def _seul(verrou: Path) -> Iterator[None]:
    """One build at a time: several services started together build the same pages."""
    with verrou.open("w") as ouvert:
        fcntl.flock(ouvert, fcntl.LOCK_EX)
        yield


def _actifs(dossier: Path) -> Path:
    """Everything that is served under the digest."""
    temoin = _PAQUETS / hashlib.sha256(Path(paquets.__file__).read_bytes()).hexdigest()[:16]
    if not temoin.exists():
        shutil.rmtree(_PAQUETS, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=_PAQUETS.parent) as provisoire:
            paquets.poser(Path(provisoire))
            shutil.copytree(provisoire, temoin)
    shutil.copytree(temoin, dossier)
    for partie in ("modules", "styles", "images"):
        if (SOURCES / partie).exists():
            shutil.copytree(SOURCES / partie, dossier / partie)
    (dossier / "modules" / "referentiel.js").write_text(referentiel())
    communes = RACINE / "chalicelib" / "referentiel" / "donnees"
    shutil.copytree(communes / "communes", dossier / "communes")
    shutil.copyfile(communes / "prefectures.json", dossier / "prefectures.json")
    return dossier


def _empreinte(dossier: Path) -> str:
    somme = hashlib.sha256()
    for fichier in sorted(dossier.rglob("*")):
        if fichier.is_file():
            somme.update(fichier.relative_to(dossier).as_posix().encode() + b"\0" + fichier.read_bytes())
    return somme.hexdigest()[:12]


def _pages(sortie: Path, base: str, jour: date) -> list[str]:
    """Render each page; their addresses."""
    moteur = Environment(
        loader=FileSystemLoader([SOURCES / "gabarits", SOURCES / "pages"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    moteur.globals |= contexte(jour) | {"actifs": base}
    adresses = []
    for source in sorted((SOURCES / "pages").rglob("*.html")):
        relatif = source.relative_to(SOURCES / "pages")
        adresse, fichier = _place(relatif)
        html = composer(moteur.get_template(relatif.as_posix()).render(adresse=adresse))
        (sortie / fichier).parent.mkdir(parents=True, exist_ok=True)
        (sortie / fichier).write_text(html)
        adresses.append(adresse)
    return adresses


def _place(relatif: Path) -> tuple[str, Path]:
    """Address and file of the page ``relatif``: ``compte/creer.html`` is ``/compte/creer/``."""
    if relatif.name == "404.html":
        return "/404.html", relatif
    dossier = relatif.parent if relatif.name == "index.html" else relatif.with_suffix("")
    adresse = f"/{dossier.as_posix()}/" if dossier != Path() else "/"
    return adresse, dossier / "index.html"


def _service_worker(sortie: Path, base: str, pages: list[str]) -> None:
    """The worker, told what to keep: every page of the usager's site, and what each of them loads."""
    usager = [page for page in pages if not page.startswith("/agent/")]
    actifs = sortie / base.lstrip("/")
    modules = [
        f"{base}/{fichier.relative_to(actifs).as_posix()}"
        for dossier, motif in (("modules", "*.js"), ("styles", "*.css"))
        for fichier in sorted((actifs / dossier).rglob(motif))
        if "agent" not in fichier.relative_to(actifs).parts and fichier.name != "agent.css"
    ]
    polices = [f"{base}/dsfr/fonts/Marianne-{graisse}.woff2" for graisse in ("Regular", "Bold")]
    a_garder = [*usager, f"{base}/dsfr.css", f"{base}/dsfr.js", *polices, *modules]
    texte = (SOURCES / "service-worker.js").read_text()
    versions = hashlib.sha256()
    for page in usager:
        fichier = sortie / page.lstrip("/") if page.endswith(".html") else sortie / page.lstrip("/") / "index.html"
        versions.update(fichier.read_bytes())
    entete = (
        f"const ACTIFS = {json.dumps(base)};\n"
        f"const VERSION = {json.dumps(versions.hexdigest()[:12])};\n"
        f"const A_GARDER = {json.dumps(a_garder)};\n"
    )
    (sortie / "service-worker.js").write_text(entete + texte)


def main() -> int:
    """Build, and say what was made; 1 and one sentence when npm does not answer."""
    try:
        faits = construire()
    except SourceAbsente as absence:
        print(f"Les pages n'ont pas pu être construites, faute des paquets npm : {absence}", file=sys.stderr)
        return 1
    print(f"site : {faits['pages']} pages, {faits['actifs']} fichiers servis, dans {SORTIE.relative_to(RACINE)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
