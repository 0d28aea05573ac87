"""What each event of a demande's life writes: the statut, and all that a statut implies (DOMAIN §5).

Every change goes through ``passer``, so that the worklist, the deadline, the clock, the stamp and the machine's signal
follow the statut wherever the change comes from. Pure: instants and ids are given.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.demande.instants import ecrire, jours_apres, lire
from chalicelib.demande.journal import Auteur, Changement, MouvementTimbre, liberation
from chalicelib.demande.modeles import Demande, Motif, PageRefusee, Statut, StatutPiece
from chalicelib.demande.statuts import CHEZ_USAGER, FINALS

S = Statut

SIGNAL = "signal"

PURGE = "purge"
"""A draft that ended: what it kept of the usager's files is to be removed (``veille/purge.py``)."""

SIGNALES = frozenset(
    {
        "DemandeDeposee",
        "PhotoAttendue",
        "PhotoRecue",
        "PhotoChangee",
        "DemandeSuspendue",
        "SuspensionCorrigee",
        "SuspensionLevee",
        "ComplementDepose",
        "DemandeValidee",
        "DemandeRefusee",
        "DemandeRetiree",
        "TitreDistribue",
        "TitreReexpedie",
    }
)
"""The events after which the machine that follows the demande waits for something else, or ends."""

DROITS_PROVISOIRES_JOURS = 60
"""How long the declaration of a loss or of a theft lets one drive (F1727, F1450: two months)."""

RAPPEL_DROITS_JOURS = 7
"""How long before a provisional right ends its holder is warned (convention)."""

PRIORITE_DROITS_JOURS = 30
"""How long before a provisional right ends its demande should be treated (convention)."""

TRAITEMENT_JOURS = 60
"""How soon a demande should be treated: two months without an answer are an implicit decision (CRPA R112-5)."""

ADRESSE_JOURS = 30
"""How long a card that came back waits for its holder to confirm his address before an agent looks (convention)."""

PHOTO_JOURS = 60
"""How long the talon, or the activation of the code, is awaited (convention: as a complement)."""

RAPPELS = (30 / 60, 50 / 60)
"""When the usager is reminded of a deadline: parts of the delay (convention: days 30 and 50 of 60)."""

FILES_DES_STATUTS = {S.EN_CONTROLE: "ctn", S.EN_INSTRUCTION: "agent", S.NON_DISTRIBUEE: "agent"}
_DETENTION = ("agent", "agent_nom", "bail_jusqua")
_LIBERANTS = frozenset({S.REFUSEE, S.RETIREE, S.CLASSEE_SANS_SUITE})
_ABSENT: tuple[MouvementTimbre | None, dict[str, Any]] = (None, {})


def passer(
    demande: Demande,
    evenement: str,
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    *,
    jour_s: float,
    vers: Statut | None = None,
    poser: Mapping[str, Any] | None = None,
    oter: Iterable[str] = (),
    elements: Mapping[str, Mapping[str, Any]] | None = None,
    pieces: Mapping[str, StatutPiece] | None = None,
    refus: Mapping[str, str] | None = None,
    pages_refusees: Mapping[str, Sequence[PageRefusee]] | None = None,
    precedents: tuple[tuple[str, Statut], ...] = (),
    constate_le: str | None = None,
    entendu: bool = False,
) -> Changement:
    """The change that ``evenement`` makes of ``demande``, with all that its statut implies.

    ``poser`` and ``oter`` win over what is implied. ``jour_s`` is a legal day in seconds. ``entendu``: it is the
    machine's own doing, which confirms the signal that it was given.
    """
    implicites: dict[str, Any] = {}
    timbre, libere = _ABSENT
    if vers is not None:
        implicites |= _horloge(demande, vers, maintenant) | _file(demande, vers, maintenant, jour_s)
        implicites |= {"echeance": None, "rappels": None}
        if demande.statut is S.SUSPENDUE and vers not in FINALS:
            # A demande that ends here keeps what it was asked: nobody will close that suspension.
            implicites["suspension"] = None
        if demande.statut is S.ATTENTE_PHOTO:
            implicites |= {"photo_attendue": None, "photo_redemandee_par": None}
        if vers in FINALS:
            # Nobody can answer any more: the usager is told the end itself.
            implicites |= {"attend_reponse_depuis": None, "terminee_le": ecrire(maintenant)}
        if vers in _LIBERANTS:
            timbre, libere = liberation(demande)
    implicites |= _veille(demande, evenement, vers, maintenant, entendu)
    tout = {**implicites, **libere, **dict.fromkeys(oter), **(poser or {})}
    stockes = demande.model_dump(exclude_none=True)
    return Changement(
        evenement=evenement,
        auteur=auteur,
        maintenant=maintenant,
        correlation_id=correlation_id,
        vers=vers,
        poser={nom: valeur for nom, valeur in tout.items() if valeur is not None},
        oter=tuple(nom for nom, valeur in tout.items() if valeur is None and nom in stockes),
        timbre=timbre,
        touche=vers is not None or auteur.genre == "usager",
        precedents=precedents,
        elements=elements or {},
        pieces=pieces or {},
        refus=refus or {},
        pages_refusees=pages_refusees or {},
        constate_le=constate_le,
    )


def _horloge(demande: Demande, vers: Statut, maintenant: datetime) -> dict[str, Any]:
    """The usager's own time: what has passed in his hands is added up when it leaves them."""
    horloge: dict[str, Any] = {}
    if demande.chez_usager_depuis is not None:
        ecoule = maintenant - lire(demande.chez_usager_depuis)
        horloge = {
            "temps_usager_s": demande.temps_usager_s + max(0, int(ecoule.total_seconds())),
            "chez_usager_depuis": None,
        }
    if vers in CHEZ_USAGER:
        horloge["chez_usager_depuis"] = ecrire(maintenant)
    return horloge


def _file(demande: Demande, vers: Statut, maintenant: datetime, jour_s: float) -> dict[str, Any]:
    """The worklist where a demande of this statut waits, and how urgent it is there; nobody holds it yet."""
    corbeille = corbeille_de(demande, vers)
    if corbeille is None:
        return dict.fromkeys(("corbeille", "urgence", *_DETENTION))
    return {
        "corbeille": corbeille,
        "urgence": (
            f"1#{ecrire(jours_apres(maintenant, ADRESSE_JOURS, jour_s))}"
            if vers is S.NON_DISTRIBUEE
            else urgence(demande, jour_s)
        ),
        **dict.fromkeys(_DETENTION),
    }


def corbeille_de(demande: Demande, statut: Statut) -> str | None:
    """The worklist where ``demande`` waits in this ``statut``; None when it waits for no agent there."""
    file = FILES_DES_STATUTS.get(statut)
    autorite = demande.autorite or (demande.adresse.prefecture if demande.adresse else "")
    return None if file is None else f"{autorite}#{file}"


def urgence_de_tete(maintenant: datetime) -> str:
    """At the head of the queue: the usager has done his part (a complement, the address of a card that came back)."""
    return f"0#{ecrire(maintenant)}"


def urgence(demande: Demande, jour_s: float) -> str:
    """By the day before which it should be treated."""
    return f"1#{ecrire(limite_de_traitement(demande.motif, demande.deposee_le or demande.cree_le, jour_s))}"


def limite_de_traitement(motif: Motif, deposee_le: str, jour_s: float) -> datetime:
    """Before when it should be treated: sooner when a provisional right to drive ends."""
    limite = jours_apres(lire(deposee_le), TRAITEMENT_JOURS, jour_s)
    if motif not in (Motif.PERTE, Motif.VOL):
        return limite
    droits = jours_apres(lire(deposee_le), DROITS_PROVISOIRES_JOURS, jour_s)
    return min(limite, jours_apres(droits, -PRIORITE_DROITS_JOURS, jour_s))


def droits_jusqua(demande: Demande, jour_s: float) -> datetime | None:
    """Until when the declaration of a loss or a theft lets one drive; None for the other motifs and for a draft."""
    if demande.motif not in (Motif.PERTE, Motif.VOL) or demande.deposee_le is None:
        return None
    return jours_apres(lire(demande.deposee_le), DROITS_PROVISOIRES_JOURS, jour_s)


def _veille(
    demande: Demande, evenement: str, vers: Statut | None, maintenant: datetime, entendu: bool
) -> dict[str, Any]:
    """The sparse index: a signal to give until it is heard; a draft that ends, until its files are removed."""
    if evenement == "DemandeDeposee" or (evenement in SIGNALES and demande.numero is not None and not entendu):
        return {"veille": SIGNAL, "veille_le": ecrire(maintenant)}
    if vers in _LIBERANTS and demande.statut is S.BROUILLON:
        return {"veille": PURGE, "veille_le": ecrire(maintenant)}
    if entendu or (vers is not None and demande.statut is S.BROUILLON):
        return {"veille": None, "veille_le": None}
    return {}


def rappels_prevus(demande: Demande) -> list[datetime]:
    """When the usager is reminded of the deadline that runs; empty when none does."""
    if demande.echeance is None or demande.chez_usager_depuis is None:
        return []
    debut, fin = lire(demande.chez_usager_depuis), lire(demande.echeance)
    return [debut + part * (fin - debut) for part in RAPPELS]


def fin_des_droits_a_dire(demande: Demande, maintenant: datetime, jour_s: float) -> datetime | None:
    """The end of a provisional right of which its holder is still to be warned; None once warned, or too late."""
    fin = droits_jusqua(demande, jour_s)
    if fin is None or fin <= maintenant or demande.droits_rappeles is not None or demande.statut in FINALS:
        return None
    return fin


def prochain_rendez_vous(demande: Demande, maintenant: datetime, jour_s: float) -> datetime | None:
    """The next reminder, or the deadline itself; None when no date binds anybody."""
    rendez_vous: list[datetime] = []
    if demande.echeance is not None:
        rendez_vous.append(next(iter(rappels_prevus(demande)[demande.rappels :]), lire(demande.echeance)))
    fin = fin_des_droits_a_dire(demande, maintenant, jour_s)
    if fin is not None:
        rendez_vous.append(jours_apres(fin, -RAPPEL_DROITS_JOURS, jour_s))
    return min(rendez_vous, default=None)


def echoir(
    demande: Demande, auteur: Auteur, maintenant: datetime, correlation_id: str, jour_s: float
) -> Changement | None:
    """What time decides of ``demande`` now: a reminder, its closing, or nothing yet."""
    if demande.statut in (S.ATTENTE_PHOTO, S.SUSPENDUE) and demande.echeance is not None:
        changement = _echeance(demande, lire(demande.echeance), auteur, maintenant, correlation_id, jour_s)
        if changement is not None:
            return changement
    fin = fin_des_droits_a_dire(demande, maintenant, jour_s)
    if fin is None or maintenant < jours_apres(fin, -RAPPEL_DROITS_JOURS, jour_s):
        return None
    return passer(
        demande,
        "DroitsBientotFinis",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        poser={"droits_rappeles": ecrire(fin)},
    )


def _echeance(
    demande: Demande, echeance: datetime, auteur: Auteur, maintenant: datetime, correlation_id: str, jour_s: float
) -> Changement | None:
    if maintenant >= echeance:
        return passer(
            demande,
            "DemandeClasseeSansSuite",
            auteur,
            maintenant,
            correlation_id,
            jour_s=jour_s,
            vers=S.CLASSEE_SANS_SUITE,
            entendu=True,
        )
    passes = sum(rappel <= maintenant for rappel in rappels_prevus(demande))
    if passes <= demande.rappels:
        return None
    # Reminders missed during an outage of ours are one: two mails at once would say nothing more.
    evenement = "ComplementRappele" if demande.statut is S.SUSPENDUE else "PhotoRappelee"
    return passer(demande, evenement, auteur, maintenant, correlation_id, jour_s=jour_s, poser={"rappels": passes})


def attendre_la_photo(maintenant: datetime, jour_s: float) -> str:
    """The deadline of a photo awaited from ``maintenant`` on."""
    return ecrire(maintenant + timedelta(seconds=PHOTO_JOURS * jour_s))
