"""What proves for a while, without a card, a declared loss or a right to drive: two attestations, one page each."""

from typing import Literal

from chalicelib.demande.attestations import Attestation
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.modeles import Demande
from chalicelib.documents.edition import composer, grouper, instant_en_lettres, jour_en_lettres

Genre = Literal["attestation_perte", "attestation_droits"]


def rendre(genre: Genre, demande: Demande, attestation: Attestation, prefecture: str) -> bytes:
    """The PDF of the ``attestation`` of a deposited ``demande``, treated by ``prefecture`` (its name)."""
    if demande.numero is None or demande.etat_civil is None:
        raise Conflit("L'attestation est disponible une fois la demande confirmée.")
    return composer(
        genre,
        {
            "numero": grouper(demande.numero),
            "titulaire": demande.etat_civil.nom_complet,
            "naissance": "/".join(reversed(demande.etat_civil.date_naissance.split("-"))),
            "prefecture": prefecture,
            "depuis": instant_en_lettres(attestation.depuis),
            "jusqua": jour_en_lettres(jour_legal(attestation.jusqua)),
        },
    )
