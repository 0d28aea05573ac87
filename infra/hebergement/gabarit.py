"""``python -m infra.hebergement.gabarit``: ``build/site.json``, the template of the sites' hosting.

``site.json`` holds what AWS makes; here it receives what is said elsewhere: the headers, the addresses of the pages
that the build wrote, the functions of CloudFront.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.hebergement.entetes import entetes_du_site

ICI = Path(__file__).parent
RACINE = Path(__file__).parents[2]
SITE = RACINE / "build" / "site"
MODELE = RACINE / "build" / "site.json"
HSTS_S = 2 * 365 * 86400
FONCTION_MAX = 10 * 1024
"""What CloudFront takes as a function, in bytes."""


class FonctionTropLongue(ValueError):
    """A function of CloudFront is beyond what CloudFront takes: there are too many pages for a list."""


def pages(site: Path) -> list[str]:
    """The paths of what is served with an address of its own, ``/compte/index.html``: all but the assets."""
    fichiers = (fichier.relative_to(site) for fichier in site.rglob("*") if fichier.is_file())
    return sorted(f"/{relatif.as_posix()}" for relatif in fichiers if relatif.parts[0] != "actifs")


def squelette() -> dict[str, Any]:
    """``site.json`` as it lies: parameters and outputs are whole."""
    lu: dict[str, Any] = json.loads((ICI / "site.json").read_text())
    return lu


def modele(site: Path = SITE) -> dict[str, Any]:
    """The template for the sites as they are in ``site``."""
    gabarit = squelette()
    ressources = gabarit["Resources"]
    liste = f"const PAGES = {json.dumps(pages(site))};\n"
    for nom, avant in (("adresses", liste), ("introuvable", ""), ("depot", "")):
        code = avant + (ICI / f"{nom}.js").read_text()
        if len(code.encode()) > FONCTION_MAX:
            raise FonctionTropLongue(f"{nom} : {len(code.encode())} octets")
        ressources[f"Fonction{nom.capitalize()}"]["Properties"]["FunctionCode"] = code
    nosniff = {nom: valeur for nom, valeur in entetes_du_site().items() if nom == "X-Content-Type-Options"}
    for nom, entetes in (("EntetesSite", entetes_du_site()), ("EntetesReste", nosniff)):
        ressources[nom]["Properties"]["ResponseHeadersPolicyConfig"] |= _politique(entetes)
    return gabarit


def _politique(entetes: Mapping[str, str]) -> dict[str, Any]:
    """``entetes`` as CloudFront takes them, those of security in members of their own; and TLS for two years."""
    formes = {
        "Content-Security-Policy": ("ContentSecurityPolicy", "ContentSecurityPolicy"),
        "X-Content-Type-Options": ("ContentTypeOptions", None),
        "Referrer-Policy": ("ReferrerPolicy", "ReferrerPolicy"),
    }
    securite: dict[str, Any] = {"StrictTransportSecurity": {"AccessControlMaxAgeSec": HSTS_S, "Override": True}}
    autres = []
    for nom, valeur in entetes.items():
        if nom in formes:
            membre, champ = formes[nom]
            securite[membre] = {"Override": True, **({champ: valeur} if champ else {})}
        else:
            autres.append({"Header": nom, "Value": valeur, "Override": True})
    return {"SecurityHeadersConfig": securite, **({"CustomHeadersConfig": {"Items": autres}} if autres else {})}


def main() -> int:
    """Write ``build/site.json`` from ``build/site``."""
    MODELE.write_text(json.dumps(modele(), indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
