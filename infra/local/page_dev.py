"""GET /dev/: the page on which a newcomer plays both parts. Local only: never built into the sites, never deployed."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from chalicelib.demande.ports_externes import EtatPhotoExterne
from infra.local.semences import AGENTS, MOT_DE_PASSE
from infra.local.simulateurs.socle import MODES, SERVICES

_DOSSIER = Path(__file__).parent / "pages_dev"
_GABARITS = Path(__file__).parents[2] / "site" / "gabarits"

ETATS_PHOTO = {
    "valide": "valide",
    "en_activation": "en cours d'activation",
    "expire": "expiré",
    "deja_utilise": "déjà utilisé",
    "inconnu": "inconnu de la base",
}
ROLES = {"agent": "agent", "chef": "chef de service", "ctn": "opérateur du CTN"}
EVENEMENTS = {
    "accepte": "commande acceptée par l'imprimeur",
    "produit": "titre produit",
    "expedie": "remis à La Poste",
    "distribue": "distribué",
    "retourne": "revenu à l'expéditeur",
}
APPELS = (
    ("GET /dev/envois?destinataire=", "courriels et SMS partis, du plus ancien au plus récent"),
    ("POST /dev/photos {etat?}", "un code e-photo"),
    ("POST /dev/photos/{code} {etat}", "la fin de l'activation d'un code"),
    ("POST /dev/talons/{numero} {resultat?}", "l'arrivée d'un talon par la poste"),
    ("POST /dev/snpc/conducteurs {numero_dossier, nom, prenoms, …}", "un conducteur du SNPC"),
    (
        "POST /dev/production/{numero} {evenement, repetitions?, survenu_le?, numero_suivi?, delai_s?}",
        "un événement de l'imprimeur ou de la poste",
    ),
    ("POST /dev/timbres {montant_centimes, etat?}", "un timbre déjà acheté"),
    ("POST /dev/paiement/{reference} {resultat, delai_s?, repetitions?}", "la fin d'un achat"),
    ("GET /dev/pannes", "comment répond chaque système extérieur"),
    ("POST /dev/pannes {service, mode, delai_s?}", "un système lent, en panne, ou rétabli (aucune)"),
    ("GET /dev/csp, DELETE /dev/csp", "ce que la politique de contenu a empêché dans les navigateurs"),
)


def routes(actifs: Callable[[], str], entetes: Mapping[str, str], *, manuels: bool) -> list[Route]:
    """The page, its script and its sheet; ``manuels``: the printer and the post wait to be told."""
    moteur = Environment(
        loader=FileSystemLoader([_DOSSIER, _GABARITS]), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    assert set(ETATS_PHOTO) == set(get_args(EtatPhotoExterne))
    contexte: dict[str, Any] = {
        "agents": [(identifiant, ROLES[role], ", ".join(autorites)) for identifiant, role, autorites, _, _ in AGENTS],
        "appels": APPELS,
        "etats_photo": ETATS_PHOTO,
        "evenements": EVENEMENTS,
        "manuels": manuels,
        "modes": MODES,
        "mot_de_passe": MOT_DE_PASSE,
        "services": SERVICES,
    }

    async def page(_: Request) -> Response:
        html = moteur.get_template("index.html").render(actifs=actifs(), **contexte)
        return HTMLResponse(html, headers={**entetes, "Cache-Control": "no-cache"})

    def fichier(nom: str, genre: str) -> Route:
        async def servir(_: Request) -> Response:
            return Response((_DOSSIER / nom).read_bytes(), media_type=genre, headers={"Cache-Control": "no-cache"})

        return Route(f"/dev/{nom}", servir)

    return [
        Route("/dev", page),
        Route("/dev/", page),
        fichier("page.js", "text/javascript"),
        fichier("page.css", "text/css"),
    ]
