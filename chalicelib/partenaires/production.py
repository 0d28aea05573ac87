"""POST /partenaires/production: the printer and the post tell what became of a card, late, twice or in any order."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from chalice import Blueprint
from pydantic import AwareDatetime, BaseModel, Field

from chalicelib import wiring
from chalicelib.demande.champs import VIDE_EST_ABSENT, motif_de_texte
from chalicelib.demande.erreurs import ConflitDeVersion, SaisieInvalide, TransitionInterdite
from chalicelib.demande.instants import ecrire
from chalicelib.demande.ports import Demandes
from chalicelib.demande.signature import TOLERANCE_S
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.titre import SUIVIS, Evenement, EvenementTitre, appliquer
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.observabilite import compter
from chalicelib.partenaire import ESSAIS, lire_signe
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:demandes/index/par_numero": ("Query",),
        "table:journal": ("PutItem",),
    },
    variables=("CLE_PARTENAIRE",),
    delai=20,
)

DEBUT = datetime(2016, 1, 1, tzinfo=UTC)
"""No card of ours is older."""


class NotificationTitre(Saisie):
    """An event of the card of ``numero``, which happened at ``survenu_le`` by the partner's clock."""

    numero: Annotated[str, motif_de_texte(r"[0-9]{23}", "Le numéro de demande comporte 23 chiffres.")]
    evenement: Evenement
    numero_suivi: Annotated[
        Annotated[str, motif_de_texte(r"[0-9A-Za-z]{1,30}", "Le numéro de suivi comporte 1 à 30 lettres et chiffres.")]
        | None,
        VIDE_EST_ABSENT,
    ] = None
    survenu_le: Annotated[AwareDatetime, Field(strict=True)]


class SuiteTitre(BaseModel):
    """What became of the event; ``hors_production``: no card of this demande is expected, nothing was changed."""

    effet: Literal["applique", "sans_effet", "hors_production"]


class TropTot(TransitionInterdite):
    """The card of a demande that nobody has validated yet: the event is to be told again (409)."""

    def __init__(self, statut: str) -> None:
        super().__init__(statut, "Cette demande n'est pas encore validée : redites cet événement plus tard.")


def suivre_le_titre(
    demandes: Demandes,
    numero: str,
    recu: EvenementTitre,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> SuiteTitre:
    """Write what the event changes, once, however often and in whatever order it comes.

    Raises ``DemandeInconnue``; ``TropTot`` for a demande that is not validated yet, and ``ConflitDeVersion`` after
    ``ESSAIS`` tries (the partner tells again later).
    """
    effet: Literal["applique", "sans_effet"] = "sans_effet"
    for _ in range(ESSAIS):
        demande = demandes.lire_par_numero(numero)
        try:
            while changement := appliquer(demande, recu, maintenant, correlation_id, jour_s):
                demande = demandes.transiter(demande, changement)
                effet = "applique"
        except ConflitDeVersion:
            continue
        if demande.statut not in SUIVIS and demande.statut not in FINALS:
            # An order left, and we do not know of it: restored from a backup, we shall order again, under the same key.
            raise TropTot(demande.statut)
        # No 409 after an end: a partner repeats what is refused, and this will never be of use.
        return SuiteTitre(effet=effet if demande.statut in SUIVIS else "hors_production")
    raise ConflitDeVersion(demande.version)


@route(
    bp,
    "POST",
    "/partenaires/production",
    qui=PUBLIC,
    saisie=NotificationTitre,
    reponse=SuiteTitre,
    erreurs=(401, 404, 409, 412, 503),
    corps_brut=True,
)
def handler(appel: Appel[None]) -> Reponse:
    """Recevoir un événement de la fabrication ou de la remise d'un titre"""
    notification, maintenant = lire_signe(appel, NotificationTitre)
    if not DEBUT <= notification.survenu_le <= maintenant + timedelta(seconds=TOLERANCE_S):
        raise SaisieInvalide([("survenu_le", "Cet instant est dans le futur, ou d'avant ce service.")])
    recu = EvenementTitre(notification.evenement, ecrire(notification.survenu_le), notification.numero_suivi)
    suite = suivre_le_titre(
        wiring.demandes(), notification.numero, recu, maintenant, appel.correlation_id, duree_du_jour()
    )
    compter(f"production_{suite.effet}")
    return Reponse(suite)
