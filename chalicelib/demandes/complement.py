"""POST /demandes/{id}/complement: what the suspension asked is submitted; the demande comes back to who asked for it.

The corrections, the pièces, the search keys, the closed suspension and the journal are one transaction, on the version
that was read: of a complement, a levée and the deadline, one wins.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.complement import completer, corrigee, deja_deposee, exiger_ouverte, manques
from chalicelib.demande.completude import manques_photo
from chalicelib.demande.erreurs import ConflitDeVersion, DemandeIncomplete, ServiceIndisponible, TransitionInterdite
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Demande, Piece, Statut
from chalicelib.demande.papier import auteur_de
from chalicelib.demande.photo import photo_actuelle
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_comptes import Comptes
from chalicelib.demande.ports_externes import Photos
from chalicelib.demande.suspension import est_encore_la
from chalicelib.demande.vue import DemandeVue
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.settings import duree_du_jour
from chalicelib.usager import lire_la_sienne_et_ses_pieces, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem",),
        "table:consultations": ("PutItem",),
        "table:demandes": ("Query", "UpdateItem", "PutItem"),
        "table:demandes/index/par_naissance": ("Query",),
        "table:journal": ("PutItem",),
    },
    variables=("URL_PHOTOS",),
    delai=20,
)

ESSAIS = 5
"""How often a complement without If-Match reads again after a concurrent write, before telling the conflict."""

_FINIES = {
    Statut.CLASSEE_SANS_SUITE: "Le délai pour répondre est passé : votre demande a été classée sans suite.",
    Statut.RETIREE: "Vous avez retiré cette demande.",
}
LEVEE = "Le complément n'est plus nécessaire : l'examen de votre demande a repris."


def deposer(
    demandes: Demandes,
    photos: Photos,
    comptes: Comptes,
    lire: Callable[[], tuple[Demande, list[Piece]]],
    si_version: int | None,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> tuple[Demande, list[Piece]]:
    """Submit the complement of what ``lire`` reads; one already submitted stays so.

    Raises ``TransitionInterdite``, ``DemandeIncomplete``, ``ConflitDeVersion``.
    """
    tenu: str | None = None
    for essai in range(ESSAIS):
        demande, pieces = lire()
        if demande.statut is not Statut.SUSPENDUE:
            _rendre(photos, demande, tenu)
            _exiger_deposee(demandes, demande)
            return demande, pieces
        if si_version is not None and si_version != demande.version:
            raise ConflitDeVersion(demande.version)
        changement = preparer(demandes, photos, comptes, demande, pieces, maintenant, correlation_id, jour_s)
        photo = changement.poser.get("photo_signature")
        tenu = photo.code if photo is not None else tenu
        try:
            apres = demandes.transiter(demande, changement)
        except ConflitDeVersion:
            # Somebody wrote in between: what is there now decides.
            if essai == ESSAIS - 1:
                raise
            continue
        return apres, [
            une.model_copy(update={"statut": changement.pieces.get(une.piece_id, une.statut)}) for une in pieces
        ]
    raise AssertionError("unreachable")


def _rendre(photos: Photos, demande: Demande, tenu: str | None) -> None:
    """Give back the code that was held for a complement which came to nothing: what was asked no longer is."""
    actuelle = demande.photo_signature
    if tenu is not None and (actuelle is None or actuelle.code != tenu):
        with suppress(ServiceIndisponible):
            photos.liberer(tenu, demande.id)


def _exiger_deposee(demandes: Demandes, demande: Demande) -> None:
    """Raise ``TransitionInterdite``, saying what ended the suspension, unless it was its complement."""
    closes = demandes.suspensions_closes(demande.id) if demande.suspensions else []
    if deja_deposee(demande, closes):
        return
    raison = _FINIES.get(demande.statut, LEVEE if closes else "Aucun complément n'est demandé.")
    raise TransitionInterdite(demande.statut, raison)


def preparer(
    demandes: Demandes,
    photos: Photos,
    comptes: Comptes,
    demande: Demande,
    pieces: list[Piece],
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Changement:
    """What submitting the complement of ``demande`` writes; raises ``DemandeIncomplete`` with all that is missing.

    A new e-photo is held for the demande; a corrected identity is looked for among the other demandes; who asked may
    have left meanwhile.
    """
    suspension = exiger_ouverte(demande, maintenant)
    _exiger_complet(manques(demande, pieces))
    apres = corrigee(demande)
    if apres.photo_signature != demande.photo_signature:
        apres = apres.model_copy(update={"photo_signature": photo_actuelle(apres, photos)})
        _exiger_complet(manques_photo(apres.photo_signature))
    doublons = None
    if apres.etat_civil != demande.etat_civil:
        doublons = [autre.numero for autre in demandes.doublons(apres)]
    return completer(
        demande,
        apres,
        pieces,
        doublons,
        auteur_de(demande),
        maintenant,
        correlation_id,
        jour_s,
        encore_la=est_encore_la(demande, comptes.lire(suspension.par)),
    )


def _exiger_complet(absents: list[dict[str, str]]) -> None:
    if absents:
        raise DemandeIncomplete(absents)


@route(
    bp,
    "POST",
    "/demandes/{id}/complement",
    qui=SAISIE,
    reponse=DemandeVue,
    statut=202,
    erreurs=(404, 409, 412),
)
def handler(appel: Appel[None]) -> Reponse:
    """Envoyer le complément demandé"""
    demande, pieces = deposer(
        wiring.demandes(),
        wiring.photos(),
        wiring.comptes(),
        lambda: lire_la_sienne_et_ses_pieces(appel),
        appel.si_version,
        wiring.horloge(),
        appel.correlation_id,
        duree_du_jour(),
    )
    return repondre(demande, pieces, statut=202)
