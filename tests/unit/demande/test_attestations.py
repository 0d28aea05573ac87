"""The attestations: given when what they prove is known, until their own end, and to nobody else."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.demande.attestations import CARTE_A_VENIR, declaration_de_perte, droits_a_conduire
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Element, Motif, Statut, Suspension
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.suivi import suivi
from tests.dossiers import JOUR_S, MAINTENANT, il_y_a, prete

S = Statut
EXAMINEE = frozenset(S) - FINALS - {S.BROUILLON, S.DEPOSEE, S.EN_CONTROLE}


def deposee(statut: Statut, motif: Motif = Motif.PERTE, **champs: Any) -> Demande:
    """Deposited ten days ago, validated three days ago where it is."""
    defaut: dict[str, Any] = {
        "motif": motif,
        "statut": statut,
        "numero": "1" * 23,
        "deposee_le": ecrire(il_y_a(10)),
        "validee_le": ecrire(il_y_a(3)) if statut in CARTE_A_VENIR | {S.DISTRIBUEE} else None,
    }
    return prete(**{**defaut, **champs})


def suspension(retour: Statut) -> Suspension:
    return Suspension(
        rang=1,
        elements=[Element(cible="domicile", motif="manquante", type="domicile")],
        message="Il manque une page.",
        par="compte",
        par_nom="Un agent",
        role="ctn" if retour is S.EN_CONTROLE else "agent",
        retour=retour,
        suspendue_le=ecrire(il_y_a(1)),
        delai_jours=60,
    )


@pytest.mark.parametrize("statut", sorted(EXAMINEE))
def test_une_perte_examinee_s_atteste_deux_mois_apres_sa_declaration(statut: Statut) -> None:
    attestee = declaration_de_perte(deposee(statut), MAINTENANT, JOUR_S)
    assert attestee.depuis == il_y_a(10)
    assert attestee.jusqua == MAINTENANT + timedelta(days=50)


@pytest.mark.parametrize("statut", sorted(frozenset(S) - EXAMINEE))
def test_une_perte_pas_encore_examinee_ou_close_ne_s_atteste_pas(statut: Statut) -> None:
    with pytest.raises(Conflit):
        declaration_de_perte(deposee(statut), MAINTENANT, JOUR_S)


def test_la_suspension_du_ctn_laisse_la_declaration_a_examiner() -> None:
    with pytest.raises(Conflit):
        declaration_de_perte(deposee(S.SUSPENDUE, suspension=suspension(S.EN_CONTROLE)), MAINTENANT, JOUR_S)
    assert declaration_de_perte(deposee(S.SUSPENDUE, suspension=suspension(S.EN_INSTRUCTION)), MAINTENANT, JOUR_S)


@pytest.mark.parametrize("motif", sorted(frozenset(Motif) - {Motif.PERTE}))
def test_seule_une_perte_se_declare_ici(motif: Motif) -> None:
    with pytest.raises(Conflit, match="perte"):
        declaration_de_perte(deposee(S.EN_INSTRUCTION, motif), MAINTENANT, JOUR_S)


def test_une_attestation_passee_n_est_plus_delivree() -> None:
    ancienne = deposee(S.EN_INSTRUCTION, deposee_le=ecrire(il_y_a(60)))
    with pytest.raises(Conflit, match="date de fin"):
        declaration_de_perte(ancienne, MAINTENANT, JOUR_S)
    with pytest.raises(Conflit, match="date de fin"):
        droits_a_conduire(deposee(S.EXPEDIEE, validee_le=ecrire(il_y_a(60))), MAINTENANT, JOUR_S)


@pytest.mark.parametrize("motif", list(Motif))
@pytest.mark.parametrize("statut", sorted(CARTE_A_VENIR))
def test_les_droits_verifies_s_attestent_jusqu_a_la_carte(statut: Statut, motif: Motif) -> None:
    attestee = droits_a_conduire(deposee(statut, motif), MAINTENANT, JOUR_S)
    assert (attestee.depuis, attestee.jusqua) == (il_y_a(3), MAINTENANT + timedelta(days=57))


@pytest.mark.parametrize("statut", sorted(frozenset(S) - CARTE_A_VENIR))
def test_des_droits_non_verifies_ou_une_carte_remise_ne_s_attestent_pas(statut: Statut) -> None:
    with pytest.raises(Conflit):
        droits_a_conduire(deposee(statut), MAINTENANT, JOUR_S)


def test_le_suivi_offre_les_documents_qui_peuvent_s_obtenir() -> None:
    def codes(demande: Demande) -> list[str]:
        return [document.code for document in suivi(demande, [], MAINTENANT, JOUR_S).documents]

    assert codes(prete()) == ["talon", "recu"]
    assert codes(deposee(S.EN_CONTROLE)) == ["talon", "justificatif", "recepisse", "recu"]
    assert codes(deposee(S.EN_INSTRUCTION)) == ["attestation-perte", "justificatif", "recepisse", "recu"]
    assert codes(deposee(S.VALIDEE, Motif.VOL)) == ["attestation-droits", "justificatif", "recepisse", "recu"]
    assert codes(deposee(S.DISTRIBUEE)) == ["justificatif", "recepisse", "recu"]
