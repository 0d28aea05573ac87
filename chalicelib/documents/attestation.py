"""What proves for a while, without a card, a declared loss or a right to drive: two attestations, one page each."""

from datetime import date
from typing import Literal

from chalicelib.demande.attestations import Attestation
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_cachet import Cachet
from chalicelib.documents.cachet import TypeDocument, sceller_demande
from chalicelib.documents.edition import composer, grouper, instant_en_lettres, jour_en_lettres

Genre = Literal["attestation_perte", "attestation_droits"]


VERIFIES = "vérifiés dans le système national des permis de conduire"
ETABLIS_AUTREMENT = "établis par le service nommé ci-dessus, au vu d’autres documents"
"""The national system does not know the driver, and the agent answered for his rights (demande/decision.py)."""

TYPES: dict[Genre, TypeDocument] = {
    "attestation_perte": TypeDocument.DECLARATION_DE_PERTE,
    "attestation_droits": TypeDocument.DROITS_A_CONDUIRE,
}


def rendre(
    genre: Genre, demande: Demande, attestation: Attestation, prefecture: str, cachet: Cachet, jour: date
) -> bytes:
    """The PDF of the ``attestation`` of a deposited ``demande``, treated by ``prefecture`` (its name), made on
    ``jour``. Raises ``ServiceIndisponible``."""
    if demande.numero is None or demande.etat_civil is None:
        raise Conflit("L'attestation est disponible une fois la demande confirmée.")
    jusqua = jour_legal(attestation.jusqua)
    return composer(
        genre,
        {
            "numero": grouper(demande.numero),
            "titulaire": demande.etat_civil.nom_complet,
            "naissance": "/".join(reversed(demande.etat_civil.date_naissance.split("-"))),
            "prefecture": prefecture,
            "depuis": instant_en_lettres(attestation.depuis),
            "jusqua": jour_en_lettres(jusqua),
            "verifies": ETABLIS_AUTREMENT if demande.droits_etablis_autrement else VERIFIES,
            "delivree": jour_en_lettres(jour),
        },
        sceller_demande(TYPES[genre], demande, cachet, jour, jusqua),
    )
