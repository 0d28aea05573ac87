"""The payment page of the simulated shop: one form, readable by everybody, that refuses any real card.

Nothing typed there is kept, logged or shown again.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from infra.pages.typographie import composer

CARTE = "1111 2222 3333 4444"
FINS = {"accepte": "Le paiement est accepté.", "refuse": "Le paiement est refusé.", "abandon": "L'achat est abandonné."}

_DOSSIER = Path(__file__).parent
_GABARITS = Path(__file__).parents[3] / "site" / "gabarits"
_STYLE = (_DOSSIER / "boutique.css").read_bytes()
_MOTEUR = Environment(
    loader=FileSystemLoader([_DOSSIER, _GABARITS]), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_ENTETES = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def carte_fictive(saisie: str) -> bool:
    """Whether what was typed is the one card that this shop knows."""
    return saisie.replace(" ", "") == CARTE.replace(" ", "")


def page(achat: dict[str, Any], actifs: str, *, carte_refusee: bool = False) -> Response:
    """The payment page of ``achat``; ``carte_refusee`` when another card than the fictitious one was typed.

    ``actifs`` is where the design system is served.
    """
    centimes = achat["montant_centimes"]
    html = _MOTEUR.get_template("boutique.html").render(
        achat=achat,
        actifs=actifs,
        carte=CARTE,
        carte_refusee=carte_refusee,
        fin=FINS.get(achat["resultat"]),
        montant=f"{centimes // 100},{centimes % 100:02d} €",
    )
    return HTMLResponse(composer(html), 422 if carte_refusee else 200, _ENTETES)


async def style(_: Request) -> Response:
    """The style sheet of the page."""
    return Response(_STYLE, media_type="text/css")
