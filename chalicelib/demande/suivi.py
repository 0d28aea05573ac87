"""Where a demande is, who must act, why, and what comes next, in plain French (DOMAIN §5, §8)."""

from datetime import datetime

from pydantic import BaseModel

from chalicelib.demande.brouillons import cloture_prevue
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Entree
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.statuts import DETENTEURS

S = Statut

LIBELLES: dict[Statut, str] = {
    S.BROUILLON: "Brouillon",
    S.DEPOSEE: "Demande déposée",
    S.EN_CONTROLE: "Contrôle des pièces en cours",
    S.ATTENTE_PHOTO: "Photo et signature attendues",
    S.EN_INSTRUCTION: "Instruction en cours",
    S.SUSPENDUE: "Demande suspendue",
    S.VALIDEE: "Demande validée",
    S.EN_PRODUCTION: "Titre en cours de fabrication",
    S.EXPEDIEE: "Titre expédié",
    S.NON_DISTRIBUEE: "Titre non distribué",
    S.DISTRIBUEE: "Titre remis",
    S.REFUSEE: "Demande refusée",
    S.CLASSEE_SANS_SUITE: "Demande classée sans suite",
    S.RETIREE: "Demande retirée",
}

RAISONS: dict[Statut, tuple[str, str]] = {
    S.BROUILLON: (
        "Vous n'avez pas encore confirmé votre demande.",
        "Terminez les étapes puis confirmez : votre demande sera alors transmise.",
    ),
    S.DEPOSEE: (
        "Votre demande est enregistrée et va entrer en contrôle.",
        "Le centre de traitement vérifie vos pièces.",
    ),
    S.EN_CONTROLE: (
        "Le centre de traitement vérifie que vos pièces sont complètes et lisibles.",
        "Un agent de la préfecture ou du centre de titres instruira votre demande.",
    ),
    S.ATTENTE_PHOTO: (
        "Votre photo et votre signature ne nous sont pas encore parvenues.",
        "Dès leur réception, un agent instruira votre demande.",
    ),
    S.EN_INSTRUCTION: (
        "Un agent examine votre demande.",
        "Il la valide, ou vous demande un complément.",
    ),
    S.SUSPENDUE: (
        "Un élément de votre demande est à compléter ou à corriger.",
        "Envoyez ce qui vous est demandé : l'examen reprendra là où il s'est arrêté.",
    ),
    S.VALIDEE: ("Votre demande est acceptée.", "Votre titre va être fabriqué."),
    S.EN_PRODUCTION: ("Votre titre est en cours de fabrication.", "Il vous sera envoyé par la poste."),
    S.EXPEDIEE: ("Votre titre est confié à la poste.", "Il vous est remis en main propre contre signature."),
    S.NON_DISTRIBUEE: ("La poste n'a pas pu vous remettre votre titre.", "Vérifiez votre adresse."),
    S.DISTRIBUEE: ("Votre titre vous a été remis.", "Aucune action n'est attendue."),
    S.REFUSEE: ("Votre demande a été refusée.", "Votre timbre est de nouveau utilisable."),
    S.CLASSEE_SANS_SUITE: (
        "Votre demande est restée sans réponse dans le délai prévu.",
        "Vous pouvez en commencer une nouvelle ; votre timbre, s'il y en avait un, est de nouveau utilisable.",
    ),
    S.RETIREE: (
        "Vous avez retiré votre demande.",
        "Vous pouvez en commencer une nouvelle ; votre timbre, s'il y en avait un, est de nouveau utilisable.",
    ),
}

EVENEMENTS: dict[str, str] = {
    "DemandeDeposee": "Vous avez déposé votre demande",
    "ControleCommence": "Le contrôle des pièces a commencé",
    "BrouillonRappele": "Nous vous avons rappelé votre brouillon",
    "DemandeClasseeSansSuite": "Votre demande a été classée sans suite",
    "DemandeRetiree": "Vous avez retiré votre demande",
    "TimbreConserve": "Un timbre payé après coup a été mis de côté pour vous",
}


class EvenementSuivi(BaseModel):
    """One line of the timeline."""

    date: str
    evenement: str
    libelle: str
    statut: Statut


class Suivi(BaseModel):
    """The answer of GET /demandes/{id}/suivi. ``echeance`` is an instant, or null when no date binds anybody."""

    statut: Statut
    libelle: str
    detenteur: str
    raison: str
    prochaine_etape: str
    echeance: str | None
    evenements: list[EvenementSuivi]


def suivi(demande: Demande, journal: list[Entree], duree_du_jour: float) -> Suivi:
    """The follow-up of ``demande`` from its journal; its creation opens the timeline."""
    creation = EvenementSuivi(
        date=demande.cree_le,
        evenement="DemandeCommencee",
        libelle="Vous avez commencé votre demande",
        statut=S.BROUILLON,
    )
    evenements = [
        EvenementSuivi(
            date=entree.survenu_le,
            evenement=entree.evenement,
            libelle=EVENEMENTS.get(entree.evenement, LIBELLES[entree.statut]),
            statut=entree.statut,
        )
        for entree in journal
    ]
    raison, prochaine = RAISONS[demande.statut]
    return Suivi(
        statut=demande.statut,
        libelle=LIBELLES[demande.statut],
        detenteur=DETENTEURS[demande.statut],
        raison=raison,
        prochaine_etape=prochaine,
        echeance=_echeance(demande, duree_du_jour),
        evenements=[creation, *evenements],
    )


def _echeance(demande: Demande, duree_du_jour: float) -> str | None:
    if demande.statut != S.BROUILLON:
        return None
    cloture: datetime = cloture_prevue(demande, duree_du_jour)
    return ecrire(cloture)
