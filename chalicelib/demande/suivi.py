"""Where a demande is, who must act, why, what comes next and until when, in plain French (DOMAIN §5, §8).

All that a person reads of the follow-up is here. ``suivi`` is pure: the instant is given.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from chalicelib.demande.attestations import Attestation, declaration_de_perte, droits_a_conduire
from chalicelib.demande.brouillons import cloture_prevue
from chalicelib.demande.complement import corrigee, modifiables
from chalicelib.demande.delai import decision_avant, est_arretee, temps_usager
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import ecrire, jours_apres, lire
from chalicelib.demande.journal import Entree
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatPhoto, Motif, PhotoSignature, Statut
from chalicelib.demande.motifs_decision import libelle_cible, libelle_refus, libelle_suspension
from chalicelib.demande.pages import PageVue, pages_vues
from chalicelib.demande.statuts import DETENTEURS, FINALS
from chalicelib.demande.suspension import PHOTO
from chalicelib.demande.vie import droits_jusqua, rappels_prevus

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
        "Votre demande est enregistrée et va entrer en contrôle. Vous n'avez rien à faire.",
        "Le centre de traitement vérifie vos pièces.",
    ),
    S.EN_CONTROLE: (
        "Le centre de traitement vérifie que vos pièces sont complètes et lisibles. Vous n'avez rien à faire.",
        "Un agent de la préfecture ou du centre de titres instruira votre demande.",
    ),
    S.ATTENTE_PHOTO: (
        "Votre photo et votre signature ne nous sont pas encore parvenues.",
        "Dès leur réception, un agent instruira votre demande.",
    ),
    S.EN_INSTRUCTION: (
        "Un agent examine votre demande. Vous n'avez rien à faire.",
        "Il l'accepte, la refuse en expliquant pourquoi, ou vous demande un complément.",
    ),
    S.SUSPENDUE: (
        "Un élément de votre demande est à compléter ou à corriger.",
        "Envoyez ce qui vous est demandé : l'examen reprendra là où il s'est arrêté.",
    ),
    S.VALIDEE: ("Votre demande est acceptée.", "Votre titre va être fabriqué."),
    S.EN_PRODUCTION: ("Votre titre est en cours de fabrication.", "Il vous sera envoyé par la poste."),
    S.EXPEDIEE: (
        "Votre titre est confié à la poste.",
        "Il vous est remis en main propre contre signature. En votre absence, il vous attend quinze jours au bureau de "
        "poste.",
    ),
    S.NON_DISTRIBUEE: (
        "La poste n'a pas pu vous remettre votre titre : il nous est revenu et vous est gardé.",
        "Vérifiez votre adresse et confirmez-la : votre titre vous sera renvoyé.",
    ),
    S.DISTRIBUEE: ("Votre titre vous a été remis.", "Aucune action n'est attendue."),
    S.REFUSEE: ("Votre demande a été refusée.", "Vous pouvez contester cette décision ou faire une nouvelle demande."),
    S.CLASSEE_SANS_SUITE: (
        "Votre demande est restée sans réponse dans le délai prévu.",
        "Vous pouvez en commencer une nouvelle.",
    ),
    S.RETIREE: ("Vous avez retiré votre demande.", "Vous pouvez en commencer une nouvelle."),
}

ADRESSE_CONFIRMEE = (
    "Vous avez confirmé votre adresse. Vous n'avez rien à faire.",
    "Un agent renvoie votre titre par la poste.",
)
ADRESSE_CONFIRMEE_SUR_PAPIER = ("Votre adresse est confirmée. Vous n'avez rien à faire.", ADRESSE_CONFIRMEE[1])
TALON_ATTENDU = "Postez votre talon s'il n'est pas déjà parti : dès sa réception, un agent instruira votre demande."
CODE_ATTENDU = (
    "Votre code « photo numérique » n'est pas encore actif : si cela dure, adressez-vous à la cabine ou au "
    "photographe, ou donnez un autre code à l'étape « Photo / Signature », ou choisissez-y le talon."
)
TALON_REFUSE = (
    "La photo ou la signature de votre talon ne peut pas être utilisée.",
    "Imprimez de nouveau le talon, collez-y une autre photo, signez-le et postez-le ; ou donnez un code « photo "
    "numérique » à l'étape « Photo / Signature ».",
)
CODE_REFUSE = (
    "Votre code « photo numérique » ne peut pas être utilisé.",
    "Donnez un nouveau code à l'étape « Photo / Signature », ou choisissez-y le talon à envoyer par la poste.",
)
DECLARATIONS = {Motif.PERTE: "Votre déclaration de perte", Motif.VOL: "Votre récépissé de déclaration de vol"}
"""What lets one drive without a card for a while (F1727, F1450)."""

TIMBRE_LIBRE = "Votre timbre fiscal est de nouveau utilisable, jusqu'à sa propre date d'expiration."
PERTE_DECLAREE = "La déclaration de perte, elle, reste faite : elle ne s'annule pas, même si le titre est retrouvé."
EN_RETARD = "Cette étape dure plus longtemps que prévu."
SILENCE = (
    "Deux mois sont passés sans décision : ce silence vaut rejet, et vous pouvez le contester. Votre demande reste "
    "ouverte, et un agent peut encore l'accepter."
)

RECOURS = (
    "Si vous contestez une décision, vous pouvez, dans les deux mois, demander à la préfecture de la revoir (recours "
    "gracieux), écrire au ministre de l'intérieur (recours hiérarchique), ou saisir le tribunal administratif, par "
    "courrier ou sur https://www.telerecours.fr."
)

SENS = {
    "brouillon": "Sans modification de votre part à cette date, votre brouillon sera clos.",
    "usager": "Sans réponse de votre part à cette date, votre demande sera classée sans suite.",
    "decision": "Date avant laquelle une décision doit être prise ; sans décision, la demande est réputée rejetée.",
    "prevision": "Date à laquelle cette étape devrait être terminée.",
}
"""What an échéance means, by its nature."""

PREVUS = {S.VALIDEE: 3, S.EN_PRODUCTION: 10, S.EXPEDIEE: 18}
"""How long a step outside our hands usually lasts, in days (convention; three on the road, fifteen at the counter)."""

EVENEMENTS: dict[str, str] = {
    "BrouillonRappele": "Nous vous avons rappelé votre brouillon",
    "DemandeDeposee": "Vous avez déposé votre demande",
    "ControleCommence": "Le contrôle des pièces a commencé",
    "PiecesControlees": "Des pièces ont été contrôlées",
    "ControleTermine": "Le contrôle des pièces est terminé : votre dossier est complet",
    "PhotoAttendue": "Votre photo et votre signature sont attendues",
    "PhotoRappelee": "Nous vous avons rappelé que votre photo est attendue",
    "PhotoRecue": "Votre photo et votre signature nous sont parvenues",
    "PhotoRefusee": "Votre photo ou votre signature ne peut pas être utilisée",
    "PhotoChangee": "Vous avez changé de photo et de signature",
    "PhotoTardive": "Votre photo est arrivée après la fin de votre demande",
    "DemandeSuspendue": "Un complément vous a été demandé",
    "SuspensionCorrigee": "Le complément demandé a été modifié",
    "SuspensionLevee": "Le complément n'est plus nécessaire",
    "ComplementRappele": "Nous vous avons rappelé le complément attendu",
    "DroitsBientotFinis": "Nous vous avons averti de la fin de votre droit provisoire de conduire",
    "ComplementDepose": "Vous avez envoyé votre complément",
    "DemandeValidee": "Votre demande a été acceptée",
    "DemandeRefusee": "Votre demande a été refusée",
    "DemandeRetiree": "Vous avez retiré votre demande",
    "DemandeClasseeSansSuite": "Votre demande a été classée sans suite",
    "CommandeAcceptee": "La fabrication de votre titre a commencé",
    "TitreProduit": "Votre titre est fabriqué",
    "TitreExpedie": "Votre titre a été confié à la poste",
    "TitreDistribue": "Votre titre vous a été remis",
    "TitreRetourne": "La poste nous a rendu votre titre",
    "ContactRemplace": "Les coordonnées où vous joindre ont été remplacées",
    "AdresseConfirmee": "Vous avez confirmé votre adresse",
    "TitreReexpedie": "Votre titre vous a été renvoyé",
    "AffectationChangee": "Votre demande a été confiée à un autre agent",
    "MessageAgent": "Un agent vous a écrit",
    "MessageUsager": "Vous avez écrit à l'agent",
    "TimbreConserve": "Un timbre payé après coup a été mis de côté pour vous",
}
"""The events of the journal (demande/journal.py), as the usager reads them."""

_PAR_UN_AGENT = {
    "DemandeDeposee": "Un agent a enregistré votre dossier papier",
    "PhotoChangee": "Un agent a enregistré une autre photo et une autre signature",
    "ComplementDepose": "Un agent a enregistré votre complément",
    "DemandeRetiree": "Un agent a retiré votre demande, comme vous l'avez demandé",
    "AdresseConfirmee": "Un agent a confirmé l'adresse que vous avez donnée",
}


DOCUMENTS = {
    "attestation-droits": "Attestation provisoire de droits à conduire (PDF)",
    "attestation-perte": "Attestation de déclaration de perte (PDF)",
    "talon": "Talon photo-signature à envoyer (PDF)",
    "justificatif": "Justificatif de la pré-demande (PDF)",
    "recepisse": "Récépissé : accusé de réception (PDF)",
    "recu": "Reçu du paiement (PDF)",
}
"""What we issue, by the last word of its address."""

TALON_UTILE = frozenset({S.BROUILLON, S.DEPOSEE, S.EN_CONTROLE, S.ATTENTE_PHOTO})
"""While a talon has not come, and may still."""


class EvenementSuivi(BaseModel):
    """One line of the timeline."""

    date: str
    evenement: str
    libelle: str
    statut: Statut


class ElementAttendu(BaseModel):
    """One thing asked: what (``cible`` is a field or a ``piece_id``), why (``motif`` is a code), both in words.

    ``pages`` are those of the pièce that were refused, when they were named.
    """

    cible: str
    libelle: str
    motif: str
    raison: str
    pages: list[PageVue]


class Rappel(BaseModel):
    """A reminder of the deadline that runs: when it is due, and whether it was sent."""

    prevu_le: str
    envoye: bool


class ComplementAttendu(BaseModel):
    """What a suspension asks, by whom (``demande_par`` in words), since when and until when."""

    elements: list[ElementAttendu]
    message: str
    demande_par: str
    demande_le: str
    corrigee_le: str | None
    echeance: str | None
    rappels: list[Rappel]


class DecisionRendue(BaseModel):
    """A refusal: its ground in words, what the agent wrote, and how to contest it."""

    motif: str
    libelle: str
    message: str
    recours: str


class Delai(BaseModel):
    """The clock of the administration, without the usager's own time (seconds).

    ``decision_avant`` is when silence becomes a decision; ``arrete``: it waits for the usager, and moves on meanwhile.
    """

    depuis: str
    decision_avant: str
    temps_usager_s: int
    arrete: bool
    depasse: bool


class Droits(BaseModel):
    """The provisional right to drive: until when (an instant), and what it is in words."""

    jusqua: str
    libelle: str
    expires: bool


class DocumentADisposition(BaseModel):
    """A document that the usager may download now, at ``/demandes/{id}/<code>``."""

    code: str
    libelle: str


class Suivi(BaseModel):
    """The answer of GET /demandes/{id}/suivi. ``echeance`` is an instant, or null when no date binds anybody.

    ``echeance_sens`` says what the date means; ``en_retard``: it has passed, and it was not the usager's.
    """

    statut: Statut
    libelle: str
    detenteur: str
    raison: str
    prochaine_etape: str
    echeance: str | None
    echeance_sens: str | None
    en_retard: bool
    evenements: list[EvenementSuivi]
    complement: ComplementAttendu | None
    rappels: list[Rappel]
    decision: DecisionRendue | None
    delai: Delai | None
    droits: Droits | None
    numero_suivi: str | None
    documents: list[DocumentADisposition]


def suivi(demande: Demande, journal: Sequence[Entree], maintenant: datetime, jour_s: float) -> Suivi:
    """The follow-up of ``demande`` from its journal; its creation opens the timeline."""
    delai = _delai(demande, maintenant, jour_s)
    echeance, nature = _echeance(demande, journal, delai, jour_s)
    en_retard = nature in ("decision", "prevision") and echeance is not None and lire(echeance) <= maintenant
    raison, prochaine = _raison(demande)
    if en_retard:
        raison = f"{raison} {SILENCE if nature == 'decision' else EN_RETARD}"
    rappels = _rappels(demande)
    return Suivi(
        statut=demande.statut,
        libelle=LIBELLES[demande.statut],
        detenteur=detenteur(demande),
        raison=raison,
        prochaine_etape=prochaine,
        echeance=echeance,
        echeance_sens=SENS[nature] if nature else None,
        en_retard=en_retard,
        evenements=[_creation(demande), *(_evenement(entree) for entree in journal)],
        complement=_complement(demande, rappels),
        rappels=rappels,
        decision=_decision(demande),
        delai=delai,
        droits=droits(demande, maintenant, jour_s),
        numero_suivi=demande.numero_suivi,
        documents=documents(demande, maintenant, jour_s),
    )


def documents(demande: Demande, maintenant: datetime, jour_s: float) -> list[DocumentADisposition]:
    """What the usager may download now, the most useful first."""
    photo, paiement, suspension = corrigee(demande).photo_signature, demande.paiement, demande.suspension
    redemandee = demande.statut is S.SUSPENDUE and suspension is not None and PHOTO in modifiables(suspension)
    offerts = {
        "attestation-droits": _delivrable(droits_a_conduire, demande, maintenant, jour_s),
        "attestation-perte": _delivrable(declaration_de_perte, demande, maintenant, jour_s),
        "talon": photo is not None and photo.mode == "talon" and (demande.statut in TALON_UTILE or redemandee),
        "justificatif": demande.numero is not None,
        "recepisse": demande.numero is not None,
        "recu": paiement is not None and paiement.etat in (EtatPaiement.RESERVE, EtatPaiement.CONSOMME),
    }
    return [DocumentADisposition(code=code, libelle=DOCUMENTS[code]) for code, offert in offerts.items() if offert]


def _delivrable(attester: Callable[..., Attestation], demande: Demande, maintenant: datetime, jour_s: float) -> bool:
    try:
        attester(demande, maintenant, jour_s)
    except Conflit:
        return False
    return True


def detenteur(demande: Demande) -> str:
    """Who must act now: a card that came back is the agent's to send again once its address is confirmed."""
    if demande.statut is S.NON_DISTRIBUEE and demande.adresse_confirmee_le is not None:
        return "agent"
    return DETENTEURS[demande.statut]


def _raison(demande: Demande) -> tuple[str, str]:
    raison, prochaine = RAISONS[demande.statut]
    sur_papier = demande.origine == "papier"
    if demande.statut is S.NON_DISTRIBUEE and demande.adresse_confirmee_le is not None:
        return ADRESSE_CONFIRMEE_SUR_PAPIER if sur_papier else ADRESSE_CONFIRMEE
    if demande.statut is S.RETIREE and sur_papier and demande.numero is not None:
        raison = "Votre demande a été retirée, comme vous l'avez demandé."
    if demande.statut is S.ATTENTE_PHOTO and demande.photo_signature is not None:
        return _photo_attendue(demande.photo_signature)
    suites = [prochaine]
    if demande.statut is S.RETIREE and demande.motif is Motif.PERTE and demande.deposee_le is not None:
        suites.append(PERTE_DECLAREE)
    if demande.statut in FINALS and demande.paiement is not None and demande.paiement.etat is EtatPaiement.LIBERE:
        suites.append(TIMBRE_LIBRE)
    return raison, " ".join(suites)


def _photo_attendue(photo: PhotoSignature) -> tuple[str, str]:
    """What a wait for ``photo`` is due to, and how it ends: with this one, or with another when it was refused."""
    if photo.etat is EtatPhoto.REFUSE:
        return TALON_REFUSE if photo.mode == "talon" else CODE_REFUSE
    return RAISONS[S.ATTENTE_PHOTO][0], TALON_ATTENDU if photo.mode == "talon" else CODE_ATTENDU


def _creation(demande: Demande) -> EvenementSuivi:
    papier = demande.origine == "papier"
    return EvenementSuivi(
        date=demande.cree_le,
        evenement="DemandeCommencee",
        libelle="Un agent a commencé la saisie de votre dossier papier"
        if papier
        else "Vous avez commencé votre demande",
        statut=S.BROUILLON,
    )


def _evenement(entree: Entree) -> EvenementSuivi:
    libelle = EVENEMENTS.get(entree.evenement, LIBELLES[entree.statut])
    if entree.auteur_genre in ("agent", "chef"):
        libelle = _PAR_UN_AGENT.get(entree.evenement, libelle)
    return EvenementSuivi(date=entree.survenu_le, evenement=entree.evenement, libelle=libelle, statut=entree.statut)


Nature = Literal["brouillon", "usager", "decision", "prevision"]


def _echeance(
    demande: Demande, journal: Sequence[Entree], delai: Delai | None, jour_s: float
) -> tuple[str | None, Nature | None]:
    if demande.statut is S.BROUILLON:
        return ecrire(cloture_prevue(demande, jour_s)), "brouillon"
    if demande.echeance is not None:
        return demande.echeance, "usager"
    if demande.statut in PREVUS:
        depuis = _depuis(demande, journal)
        return (
            (ecrire(jours_apres(lire(depuis), PREVUS[demande.statut], jour_s)), "prevision") if depuis else (None, None)
        )
    return (delai.decision_avant, "decision") if delai else (None, None)


def _depuis(demande: Demande, journal: Sequence[Entree]) -> str | None:
    """When ``demande`` came to its statut."""
    depuis = None
    for entree in reversed(journal):
        if entree.statut is not demande.statut:
            break
        depuis = entree.survenu_le
    return depuis


def _delai(demande: Demande, maintenant: datetime, jour_s: float) -> Delai | None:
    limite = decision_avant(demande, maintenant, jour_s)
    if limite is None or demande.deposee_le is None:
        return None
    return Delai(
        depuis=demande.deposee_le,
        decision_avant=ecrire(limite),
        temps_usager_s=int(temps_usager(demande, maintenant).total_seconds()),
        arrete=est_arretee(demande),
        depasse=limite <= maintenant,
    )


def _rappels(demande: Demande) -> list[Rappel]:
    return [
        Rappel(prevu_le=ecrire(prevu), envoye=rang < demande.rappels)
        for rang, prevu in enumerate(rappels_prevus(demande))
    ]


def elements_attendus(demande: Demande) -> list[ElementAttendu]:
    """What the open suspension asks, in words; nothing without one."""
    if demande.suspension is None or demande.statut is not S.SUSPENDUE:
        return []
    return [
        ElementAttendu(
            cible=element.cible,
            libelle=libelle_cible(element.type or element.cible, {}),
            motif=element.motif,
            raison=libelle_suspension(element.motif),
            pages=pages_vues(element.pages),
        )
        for element in demande.suspension.elements
    ]


def _complement(demande: Demande, rappels: list[Rappel]) -> ComplementAttendu | None:
    suspension = demande.suspension
    if suspension is None or demande.statut is not S.SUSPENDUE:
        return None
    return ComplementAttendu(
        elements=elements_attendus(demande),
        message=suspension.message,
        demande_par="Le centre de traitement" if suspension.role == "ctn" else "L'agent qui instruit votre demande",
        demande_le=suspension.suspendue_le,
        corrigee_le=suspension.corrigee_le,
        echeance=demande.echeance,
        rappels=rappels,
    )


def _decision(demande: Demande) -> DecisionRendue | None:
    decision = demande.decision
    if decision is None or demande.statut is not S.REFUSEE:
        return None
    return DecisionRendue(
        motif=decision.motif, libelle=libelle_refus(decision.motif), message=decision.message, recours=RECOURS
    )


def droits(demande: Demande, maintenant: datetime, jour_s: float) -> Droits | None:
    """The provisional right to drive that a declaration gives; None for the other motifs, and at the end."""
    jusqua = droits_jusqua(demande, jour_s)
    if jusqua is None or demande.statut in FINALS:
        return None
    expires = jusqua <= maintenant
    verbe = "permettait" if expires else "permet"
    suite = " : cette date est passée." if expires else "."
    libelle = f"{DECLARATIONS[demande.motif]} vous {verbe} de conduire, en France, jusqu'à cette date{suite}"
    return Droits(jusqua=ecrire(jusqua), libelle=libelle, expires=expires)
