"""The payment page of the simulated shop: one form, readable by everybody, that refuses any real card.

Nothing typed there is kept, logged or shown again.
"""

from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

CARTE = "1111 2222 3333 4444"
FINS = {"accepte": "Le paiement est accepté.", "refuse": "Le paiement est refusé.", "abandon": "L'achat est abandonné."}

_DOSSIER = Path(__file__).parent
_PAGE = Template((_DOSSIER / "boutique.html").read_text())
_FORMULAIRE = Template((_DOSSIER / "boutique_formulaire.html").read_text())
_STYLE = (_DOSSIER / "boutique.css").read_bytes()
_ERREUR = f"""<p class="erreur" role="alert" id="erreur-carte">Cette boutique est simulée : elle n'accepte que la carte
fictive {CARTE}. Ce que vous avez entré n'a pas été conservé.</p>"""


def carte_fictive(saisie: str) -> bool:
    """Whether what was typed is the one card that this shop knows."""
    return saisie.replace(" ", "") == CARTE.replace(" ", "")


def page(achat: dict[str, Any], *, carte_refusee: bool = False) -> Response:
    """The payment page of ``achat``; ``carte_refusee`` when another card than the fictitious one was typed."""
    termine = achat["resultat"] in FINS
    contenu = _fin(achat) if termine else _formulaire(achat, carte_refusee)
    html = _PAGE.substitute(
        titre=("Erreur : " if carte_refusee else "") + ("Achat terminé" if termine else "Paiement"),
        commercant=escape(achat["identifiant_commercant"]),
        reference=escape(achat["reference"]),
        montant=f"{achat['montant_centimes'] // 100},{achat['montant_centimes'] % 100:02d}\u00a0€",
        contenu=contenu,
    )
    # A browser applies form-action to the redirection that answers the form, too.
    politique = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self'{_origine(achat['url_retour'])}"
    )
    entetes = {
        "Content-Security-Policy": politique,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(html, 422 if carte_refusee else 200, entetes)


async def style(_: Request) -> Response:
    """The style sheet of the page."""
    return Response(_STYLE, media_type="text/css")


def _formulaire(achat: dict[str, Any], carte_refusee: bool) -> str:
    return _FORMULAIRE.substitute(
        erreur=_ERREUR if carte_refusee else "",
        decrit='erreur-carte aide-carte" aria-invalid="true' if carte_refusee else "aide-carte",
        reference=escape(achat["reference"]),
        carte=CARTE,
    )


def _fin(achat: dict[str, Any]) -> str:
    retour = f'<a href="{escape(achat["url_retour"])}">Retourner à votre demande</a>'
    return f"<p>{FINS[achat['resultat']]}</p>\n<p>{retour}</p>"


def _origine(url: str) -> str:
    parties = urlsplit(url)
    hote = parties.netloc.rpartition("@")[2]
    sure = bool(hote) and all(c.isascii() and (c.isalnum() or c in ".-:[]") for c in hote)
    return f" {parties.scheme}://{hote}" if sure else ""
