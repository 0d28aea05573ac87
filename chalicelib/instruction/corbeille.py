"""GET /instruction/corbeille: what waits for the agent, most urgent first (DOMAIN §6)."""

from typing import Annotated, Literal, Self

from chalice import Blueprint
from pydantic import BaseModel, Field, StringConstraints, model_validator

from chalicelib import wiring
from chalicelib.demande.bail import court
from chalicelib.demande.corbeille import (
    COMPTE_MAX,
    Agent,
    CurseurInconnu,
    Liste,
    Page,
    Tete,
    a_traiter_avant,
    en_tete,
    est_en_retard,
    lire_page,
)
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.modeles import Motif, Statut
from chalicelib.demande.ports_corbeille import Ligne
from chalicelib.fonctions import Fonction
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes/index/par_corbeille": ("Query",),
        "table:demandes/index/par_agent": ("Query",),
    },
)

CURSEUR_INCONNU = "Ce curseur n'est pas celui de cette liste : reprenez-la depuis le début."


class VueDemandee(Saisie):
    """``liste`` alone, or all three; ``curseur``: the one that the page before of that list gave."""

    liste: Literal["miennes", "a_prendre", "en_retard"] | None = None
    curseur: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = None

    @model_validator(mode="after")
    def _une_liste_par_curseur(self) -> Self:
        if self.curseur is not None and self.liste is None:
            raise ValueError("Un curseur va avec la liste dont il est la suite.")
        return self


class LigneCorbeille(BaseModel):
    """One demande. ``a_traiter_avant`` is null at the head of the queue, and ``en_tete`` says why it is there:
    ``complement``, its suspension is over; ``adresse_confirmee``, a card that came back is to be posted again.

    ``en_retard``: the day by which it should be treated has passed, also when it is at the head.
    ``detenue_par``/``bail_jusqua``: who holds it now, and until when.
    """

    id: str
    numero: str
    nom: str
    prenom: str
    date_demande: str
    motif: Motif
    statut: Statut
    autorite: str
    a_traiter_avant: str | None
    en_tete: Tete | None
    en_retard: bool
    detenue_par: str | None
    bail_jusqua: str | None


class ListeCorbeille(BaseModel):
    """A page of a list; ``curseur`` is null on the last one."""

    nombre: int | None = Field(
        description=f"de toute la liste, {COMPTE_MAX} au plus ; nul sur une page demandée seule", le=COMPTE_MAX
    )
    et_plus: bool | None = Field(description="vrai quand il y en a plus que « nombre » (« 100+ »)")
    elements: list[LigneCorbeille]
    curseur: str | None


class Corbeille(BaseModel):
    """What he holds, what he may take, and what should have been treated (held or not); null for a list not asked."""

    miennes: ListeCorbeille | None
    a_prendre: ListeCorbeille | None
    en_retard: ListeCorbeille | None


@route(bp, "GET", "/instruction/corbeille", qui=(*AGENT, *CTN), requete=VueDemandee, reponse=Corbeille)
def handler(appel: Appel[VueDemandee]) -> Reponse:
    """Lire sa corbeille"""
    maintenant, jour_s, identite, saisie = wiring.horloge(), duree_du_jour(), appel.identite, appel.saisie
    agent = Agent(identite.compte_id, identite.role, identite.autorites)

    def vue(ligne: Ligne) -> LigneCorbeille:
        tenue = court(ligne.agent, ligne.bail_jusqua, maintenant)
        return LigneCorbeille(
            id=ligne.id,
            numero=ligne.fiche.numero,
            nom=ligne.fiche.nom,
            prenom=" ".join(ligne.fiche.prenoms),
            date_demande=ligne.fiche.deposee_le,
            motif=ligne.fiche.motif,
            statut=Statut(ligne.statut),
            autorite=ligne.corbeille.partition("#")[0],
            a_traiter_avant=a_traiter_avant(ligne),
            en_tete=en_tete(ligne),
            en_retard=est_en_retard(ligne, maintenant, jour_s),
            detenue_par=ligne.agent_nom if tenue else None,
            bail_jusqua=ligne.bail_jusqua if tenue else None,
        )

    def en_liste(page: Page, comptee: bool) -> ListeCorbeille:
        return ListeCorbeille(
            nombre=page.nombre if comptee else None,
            et_plus=page.et_plus if comptee else None,
            elements=[vue(ligne) for ligne in page.elements],
            curseur=page.curseur,
        )

    corbeilles, toutes = wiring.corbeilles(), saisie.liste is None
    listes: dict[str, ListeCorbeille | None] = dict.fromkeys(Liste)
    try:
        for liste in Liste if saisie.liste is None else (Liste(saisie.liste),):
            page = lire_page(corbeilles, liste, agent, maintenant, saisie.curseur, jour_s=jour_s, compter=toutes)
            listes[liste] = en_liste(page, toutes)
    except CurseurInconnu:
        raise SaisieInvalide([("curseur", CURSEUR_INCONNU)]) from None
    return Reponse(Corbeille.model_validate(listes))
