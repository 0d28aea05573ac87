"""The acknowledgement of receipt at each moment of a demande: available once deposited, and true as things stand."""

from datetime import timedelta
from typing import Any

import pypdfium2
import pytest

from chalicelib.demande.autorites import service_charge
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Element, Motif, Representant, Statut, Suspension
from chalicelib.demandes.recepisse import rendre
from tests.dossiers import JOUR_S, MAINTENANT, il_y_a, piece, prete
from tests.fakes.cachet import FakeCachet

SERVICE = service_charge("543", "Préfecture de Meurthe-et-Moselle")


def deposee(statut: Statut, **champs: Any) -> Demande:
    """Deposited ten days ago, on 14 November 2026."""
    defaut: dict[str, Any] = {"statut": statut, "numero": "1" * 23, "deposee_le": ecrire(il_y_a(10))}
    return prete(**{**defaut, **champs})


def texte(demande: Demande) -> str:
    octets = rendre(demande, SERVICE, MAINTENANT, JOUR_S, FakeCachet())
    pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(octets))
    return " ".join(" ".join(pages).replace("\u200b", "").replace("\ufffe", "").split())


def test_avant_la_confirmation_il_n_y_a_rien_a_accuser() -> None:
    with pytest.raises(Conflit):
        rendre(prete(), SERVICE, MAINTENANT, JOUR_S, FakeCachet())


@pytest.mark.parametrize("statut", [s for s in Statut if s is not Statut.BROUILLON])
def test_il_s_obtient_a_tout_moment_apres_le_depot(statut: Statut) -> None:
    lu = texte(deposee(statut))
    assert "Reçue le 14 novembre 2026" in lu
    assert "14 janvier 2027" in lu
    assert SERVICE.courriel in lu


def test_une_suspension_dit_ce_qui_manque_jusqu_a_quand_et_l_horloge_arretee() -> None:
    facture = piece("domicile", 2)
    demande = deposee(
        Statut.SUSPENDUE,
        chez_usager_depuis=ecrire(il_y_a(4)),
        echeance=ecrire(MAINTENANT + timedelta(days=56)),
        suspension=Suspension(
            rang=1,
            elements=[Element(cible=facture.piece_id, motif="illisible", type=facture.type)],
            message="La facture est coupée.",
            par="compte-de-l-agent",
            par_nom="Une agente",
            role="agent",
            retour=Statut.EN_INSTRUCTION,
            suspendue_le=ecrire(il_y_a(4)),
            delai_jours=60,
        ),
    )
    lu = texte(demande)
    assert "avant le 19 janvier 2027" in lu
    assert "Justificatif de domicile" in lu
    assert "La facture est coupée." in lu
    assert "Le délai est arrêté en ce moment" in lu
    assert "18 janvier 2027, votre demande sera réputée" in lu, "four days later than 14 January"
    assert "compte-de-l-agent" not in lu


def test_une_photo_attendue_est_ce_qui_manque() -> None:
    demande = deposee(
        Statut.ATTENTE_PHOTO,
        chez_usager_depuis=ecrire(il_y_a(1)),
        echeance=ecrire(MAINTENANT + timedelta(days=59)),
    )
    assert "Photo et signature" in texte(demande)


@pytest.mark.parametrize("motif", list(Motif))
def test_la_fin_des_droits_provisoires_y_est_pour_une_perte_ou_un_vol(motif: Motif) -> None:
    lu = texte(deposee(Statut.EN_INSTRUCTION, motif=motif))
    assert ("13 janvier 2027" in lu) == (motif in (Motif.PERTE, Motif.VOL))


def test_un_dossier_papier_dit_qui_l_a_depose() -> None:
    assert "Un agent, d’après le dossier papier" in texte(deposee(Statut.DEPOSEE, origine="papier"))


def test_une_decision_prise_ote_son_effet_au_delai() -> None:
    assert "Une décision a été prise" in texte(deposee(Statut.REFUSEE))
    assert "Une décision a été prise" not in texte(deposee(Statut.EN_INSTRUCTION))


def test_une_demande_faite_par_un_representant_dit_par_qui() -> None:
    representant = Representant(qualite="representant_legal", nom="Corneille", prenoms=["Marie"])
    assert "Marie CORNEILLE, représentant légal" in texte(deposee(Statut.DEPOSEE, representant=representant))
