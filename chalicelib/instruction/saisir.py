"""POST /instruction/demandes: an agent begins to type a dossier that came on paper (DOMAIN §8).

The wizard's own routes take it from there, for what he entered himself (chalicelib/usager.py): steps, scans of the
pièces and of the signed form, a stamp by its number, confirmation. Then it lives the same life as any other.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from chalice import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.demande.brouillons import RAPPEL_JOURS
from chalicelib.demande.champs import DatePartielle, motif_de_texte
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.instants import ecrire, jour_legal
from chalicelib.demande.modeles import Demande, Motif
from chalicelib.demande.papier import proprietaire
from chalicelib.demande.ports import Demandes
from chalicelib.demande.vue import DemandeVue
from chalicelib.fonctions import Fonction
from chalicelib.http import AGENT, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour
from chalicelib.usager import repondre

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:demandes": ("PutItem",)})

RECU_JOURS = 365
"""How long ago a paper dossier may have come (convention): beyond, the year was mistyped."""


class DossierPapier(Saisie):
    """The motif, and the day on which the service received the dossier: the delay to decide runs from it."""

    motif: Motif = Field(title="Quel est le motif de la demande du titre")
    recu_le: Annotated[DatePartielle, motif_de_texte(r"\d{4}-\d{2}-\d{2}", "La date s'écrit AAAA-MM-JJ.")] = Field(
        title="Date de réception du dossier", description="JJ/MM/AAAA"
    )


def recue_le(jour: date, maintenant: datetime) -> datetime:
    """The instant of receipt: noon of ``jour``, or now for today. Raises ``SaisieInvalide``."""
    aujourd_hui = jour_legal(maintenant)
    if not aujourd_hui - timedelta(days=RECU_JOURS) <= jour <= aujourd_hui:
        raise SaisieInvalide([("recu_le", "La date de réception est dans le futur, ou remonte à plus d'un an.")])
    return min(datetime(jour.year, jour.month, jour.day, 12, tzinfo=UTC), maintenant)


def saisir(
    demandes: Demandes, demande_id: str, agent: str, saisie: DossierPapier, maintenant: datetime, jour_s: float
) -> Demande:
    """Write a new draft of a paper dossier, which ``agent`` types."""
    demande = Demande(
        id=demande_id,
        usager=proprietaire(agent),
        motif=saisie.motif,
        cree_le=ecrire(maintenant),
        modifie_le=ecrire(maintenant),
        origine="papier",
        saisie_par=agent,
        recue_le=ecrire(recue_le(date.fromisoformat(saisie.recu_le), maintenant)),
        veille="brouillon",
        veille_le=ecrire(maintenant + timedelta(seconds=RAPPEL_JOURS * jour_s)),
    )
    demandes.creer(demande)
    return demande


@route(bp, "POST", "/instruction/demandes", qui=AGENT, saisie=DossierPapier, reponse=DemandeVue, statut=201)
def handler(appel: Appel[DossierPapier]) -> Reponse:
    """Commencer la saisie d'un dossier papier"""
    demande = saisir(
        wiring.demandes(),
        wiring.nouvelle_cle(),
        appel.identite.compte_id,
        appel.saisie,
        wiring.horloge(),
        duree_du_jour(),
    )
    return repondre(demande, [], statut=201)
