"""The follow-up: for every statut, where it is, who must act, why, what comes next, and until when."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import (
    Decision,
    Demande,
    Element,
    EtatPaiement,
    EtatPhoto,
    Motif,
    PhotoSignature,
    Statut,
    Suspension,
)
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.suivi import EVENEMENTS, PERTE_DECLAREE, SILENCE, TIMBRE_LIBRE, Suivi, suivi
from tests.dossiers import JOUR_S, MAINTENANT, brouillon, changement, il_y_a, paiement_reserve, piece, prete
from tests.fakes.demandes import FakeDemandes

CORE = Path(__file__).parents[3] / "chalicelib"

DETENTEURS = {
    "brouillon": "usager",
    "deposee": "ctn",
    "en_controle": "ctn",
    "attente_photo": "usager",
    "en_instruction": "agent",
    "suspendue": "usager",
    "validee": "imprimeur",
    "en_production": "imprimeur",
    "expediee": "poste",
    "non_distribuee": "usager",
    "distribuee": "personne",
    "refusee": "personne",
    "classee_sans_suite": "personne",
    "retiree": "personne",
}


def dans(jours: float) -> str:
    """``jours`` days after the tests' present, as stored."""
    return ecrire(il_y_a(-jours))


def deposee(statut: Statut = Statut.EN_INSTRUCTION, il_y_a_jours: float = 10, **champs: Any) -> Demande:
    """A demande deposited ``il_y_a_jours`` ago."""
    return prete(**{"statut": statut, "deposee_le": ecrire(il_y_a(il_y_a_jours)), "numero": "1" * 23, **champs})


def suspension(*elements: Element, **champs: Any) -> Suspension:
    defaut: dict[str, Any] = {
        "rang": 1,
        "elements": list(elements) or [Element(cible="adresse.nom_voie", motif="inexacte")],
        "message": "La facture est coupée.",
        "par": "compte-de-l-agent",
        "par_nom": "Une agente",
        "role": "agent",
        "retour": Statut.EN_INSTRUCTION,
        "suspendue_le": ecrire(il_y_a(5)),
        "delai_jours": 60,
    }
    return Suspension.model_validate({**defaut, **champs})


def suspendue(**champs: Any) -> Demande:
    """Suspended five days ago, for sixty days."""
    defaut: dict[str, Any] = {
        "suspension": suspension(),
        "chez_usager_depuis": ecrire(il_y_a(5)),
        "echeance": dans(55),
    }
    return deposee(Statut.SUSPENDUE, **{**defaut, **champs})


def vu(demande: Demande, *, journal: Any = ()) -> Suivi:
    return suivi(demande, journal, MAINTENANT, JOUR_S)


@pytest.mark.parametrize("statut", list(Statut))
def test_chaque_statut_dit_qui_tient_la_demande_pourquoi_et_la_suite(statut: Statut) -> None:
    lu = vu(prete(statut=statut))
    assert (lu.statut, lu.detenteur) == (statut, DETENTEURS[statut])
    for phrase in (lu.raison, lu.prochaine_etape):
        assert phrase.endswith(".")
    assert lu.libelle
    assert statut.value not in lu.raison, "a person reads words, not codes"


@pytest.mark.parametrize("statut", [s for s in Statut if s not in FINALS and s is not Statut.NON_DISTRIBUEE])
def test_chaque_statut_qui_attend_quelqu_un_donne_une_date_et_son_sens(statut: Statut) -> None:
    demandes = FakeDemandes()
    depart = {Statut.ATTENTE_PHOTO: {"echeance": dans(55)}, Statut.SUSPENDUE: {"echeance": dans(55)}}
    demande = deposee(statut, **depart.get(statut, {}))
    demandes.creer(demande)
    demandes.transiter(demande, changement("CommandeAcceptee", vers=None))
    lu = vu(demande, journal=demandes.journal(demande.id))
    assert lu.echeance is not None
    assert lu.echeance_sens is not None and lu.echeance_sens.endswith(".")


@pytest.mark.parametrize("statut", sorted(FINALS))
def test_une_demande_terminee_n_a_plus_de_date_ni_de_droits_provisoires(statut: Statut) -> None:
    lu = vu(deposee(statut))
    assert (lu.echeance, lu.echeance_sens, lu.delai, lu.droits, lu.en_retard) == (None, None, None, None, False)


def test_un_brouillon_dit_le_jour_de_sa_cloture() -> None:
    assert vu(brouillon(modifie_le=ecrire(il_y_a(3)))).echeance == dans(15 - 3)


def test_un_brouillon_rappele_tard_garde_cinq_jours() -> None:
    demande = brouillon(modifie_le=ecrire(il_y_a(14)), rappele_le=ecrire(il_y_a(1)))
    assert vu(demande).echeance == dans(5 - 1)


def test_l_agent_a_deux_mois_de_date_a_date() -> None:
    # From 14 November to 14 January: 61 days.
    lu = vu(deposee(il_y_a_jours=10))
    assert lu.echeance == dans(61 - 10)
    assert lu.delai is not None
    assert (lu.delai.depuis, lu.delai.decision_avant) == (ecrire(il_y_a(10)), lu.echeance)
    assert (lu.delai.arrete, lu.delai.depasse, lu.delai.temps_usager_s) == (False, False, 0)


def test_le_temps_passe_chez_l_usager_s_ajoute_au_delai() -> None:
    lu = vu(deposee(il_y_a_jours=40, temps_usager_s=20 * 86400))
    # From 15 October to 15 December: 61 days.
    assert lu.echeance == dans(61 - 40 + 20)


def test_pendant_une_suspension_le_delai_attend_et_c_est_la_date_de_l_usager_qui_compte() -> None:
    lu = vu(suspendue(temps_usager_s=86400))
    assert lu.echeance == dans(55)
    assert lu.delai is not None
    assert lu.delai.arrete
    assert lu.delai.temps_usager_s == 6 * 86400
    assert lu.delai.decision_avant == dans(61 - 10 + 6)


def test_l_horloge_arretee_repousse_la_decision_d_autant_que_l_attente_dure() -> None:
    demande = suspendue()
    tot = suivi(demande, (), MAINTENANT, JOUR_S).delai
    tard = suivi(demande, (), MAINTENANT + timedelta(days=7), JOUR_S).delai
    assert tot is not None and tard is not None
    assert tard.decision_avant == ecrire(MAINTENANT + timedelta(days=61 - 10 + 5 + 7))
    assert tot.decision_avant == dans(61 - 10 + 5)


def test_deux_mois_de_silence_se_disent_avec_ce_qu_on_peut_faire() -> None:
    lu = vu(deposee(il_y_a_jours=70))
    assert lu.en_retard
    assert lu.raison.endswith(SILENCE)
    assert lu.delai is not None and lu.delai.depasse


def test_un_retard_de_l_usager_n_est_pas_un_retard_de_l_administration() -> None:
    lu = vu(suspendue(echeance=ecrire(il_y_a(1))))
    assert not lu.en_retard


def test_un_jour_raccourci_raccourcit_tout_le_delai() -> None:
    lu = suivi(deposee(il_y_a_jours=0), (), MAINTENANT, 1.0)
    # From 24 November to 24 January: 61 days, of one second each.
    assert lu.echeance == ecrire(MAINTENANT + timedelta(seconds=61))


def test_la_fabrication_qui_dure_se_dit_aussi() -> None:
    demandes, demande = FakeDemandes(), deposee(Statut.VALIDEE, il_y_a_jours=40)
    demandes.creer(demande)
    acceptee = changement("CommandeAcceptee", vers=Statut.EN_PRODUCTION, maintenant=il_y_a(12))
    demande = demandes.transiter(demande, acceptee)
    demande = demandes.transiter(demande, changement("TitreProduit", vers=None))
    lu = vu(demande, journal=demandes.journal(demande.id))
    assert lu.echeance == ecrire(il_y_a(2))
    assert lu.en_retard
    assert lu.delai is None, "a decision was taken"


def test_un_titre_revenu_est_a_l_usager_puis_a_l_agent_une_fois_l_adresse_confirmee() -> None:
    revenu = deposee(Statut.NON_DISTRIBUEE, chez_usager_depuis=ecrire(il_y_a(3)))
    confirme = revenu.model_copy(update={"adresse_confirmee_le": ecrire(il_y_a(1))})
    assert (vu(revenu).detenteur, vu(confirme).detenteur) == ("usager", "agent")
    assert "confirmez-la" in vu(revenu).prochaine_etape
    assert "confirmé votre adresse" in vu(confirme).raison


def test_une_suspension_montre_ce_qui_est_demande_en_mots_et_ses_rappels() -> None:
    facture = piece("domicile", 2)
    demande = suspendue(
        rappels=1,
        chez_usager_depuis=ecrire(il_y_a(40)),
        echeance=dans(20),
        suspension=suspension(
            Element(cible=facture.piece_id, motif="illisible", type=facture.type),
            Element(cible="adresse.nom_voie", motif="inexacte"),
        ),
    )
    lu = vu(demande)
    assert lu.complement is not None
    assert [(e.cible, e.libelle) for e in lu.complement.elements] == [
        (facture.piece_id, "Justificatif de domicile de moins de 6 mois"),
        ("adresse.nom_voie", "Nom de la voie"),
    ]
    assert lu.complement.elements[0].raison.startswith("document illisible")
    assert (lu.complement.message, lu.complement.echeance) == ("La facture est coupée.", dans(20))
    assert [(r.prevu_le, r.envoye) for r in lu.complement.rappels] == [(ecrire(il_y_a(10)), True), (dans(10), False)]
    assert lu.complement.rappels == lu.rappels
    assert "compte-de-l-agent" not in lu.model_dump_json()


def test_un_operateur_du_ctn_peut_demander_aussi() -> None:
    lu = vu(suspendue(suspension=suspension(role="ctn", retour=Statut.EN_CONTROLE)))
    assert lu.complement is not None
    assert lu.complement.demande_par == "Le centre de traitement"


def test_hors_suspension_rien_n_est_demande() -> None:
    assert vu(deposee()).complement is None


@pytest.mark.parametrize(
    ("mode", "etat", "mot"),
    [
        ("talon", EtatPhoto.TALON, "Postez"),
        ("numerique", EtatPhoto.EN_ACTIVATION, "un autre code"),
        ("talon", EtatPhoto.REFUSE, "Imprimez de nouveau"),
        ("numerique", EtatPhoto.REFUSE, "Donnez un nouveau code"),
    ],
)
def test_une_photo_attendue_dit_le_geste_qui_manque(mode: Any, etat: EtatPhoto, mot: str) -> None:
    attendue = deposee(
        Statut.ATTENTE_PHOTO,
        echeance=dans(55),
        chez_usager_depuis=ecrire(il_y_a(5)),
        photo_signature=PhotoSignature(mode=mode, etat=etat, code=None if mode == "talon" else "A" * 22),
    )
    lu = vu(attendue)
    assert mot in lu.prochaine_etape
    assert ("ne peut pas être utilisé" in lu.raison) is (etat is EtatPhoto.REFUSE)
    assert [rappel.envoye for rappel in lu.rappels] == [False, False]


def test_un_refus_donne_ses_raisons_et_les_recours() -> None:
    decision = Decision(motif="fraude", message="Le récépissé n'existe pas.")
    lu = vu(deposee(Statut.REFUSEE, decision=decision))
    assert lu.decision is not None
    assert (lu.decision.motif, lu.decision.message) == ("fraude", "Le récépissé n'existe pas.")
    assert "falsifié" in lu.decision.libelle
    assert "tribunal administratif" in lu.decision.recours


@pytest.mark.parametrize("statut", [Statut.REFUSEE, Statut.RETIREE, Statut.CLASSEE_SANS_SUITE])
def test_un_timbre_rendu_se_dit_seulement_quand_il_y_en_a_un(statut: Statut) -> None:
    rendu = paiement_reserve(etat=EtatPaiement.LIBERE)
    assert TIMBRE_LIBRE in vu(deposee(statut, paiement=rendu)).prochaine_etape
    assert TIMBRE_LIBRE not in vu(deposee(statut, paiement=None)).prochaine_etape


def test_retirer_n_annule_pas_la_declaration_de_perte() -> None:
    assert PERTE_DECLAREE in vu(deposee(Statut.RETIREE)).prochaine_etape
    assert PERTE_DECLAREE not in vu(deposee(Statut.RETIREE, motif=Motif.VOL)).prochaine_etape
    assert PERTE_DECLAREE not in vu(prete(statut=Statut.RETIREE)).prochaine_etape, "nothing was declared by a draft"


@pytest.mark.parametrize("motif", list(Motif))
def test_les_droits_provisoires_ont_leur_fin_pour_une_perte_ou_un_vol(motif: Motif) -> None:
    droits = vu(deposee(motif=motif)).droits
    if motif not in (Motif.PERTE, Motif.VOL):
        assert droits is None
        return
    assert droits is not None
    assert (droits.jusqua, droits.expires) == (dans(50), False)
    assert ("vol" if motif is Motif.VOL else "perte") in droits.libelle


def test_des_droits_provisoires_passes_se_disent_passes() -> None:
    droits = vu(deposee(il_y_a_jours=61)).droits
    assert droits is not None
    assert droits.expires
    assert "passé" in droits.libelle


def test_les_evenements_se_lisent_de_la_creation_au_dernier_en_francais() -> None:
    demandes = FakeDemandes()
    demande = prete()
    demandes.creer(demande)
    rappel = changement("BrouillonRappele", vers=None, touche=False)
    demande = demandes.transiter(demande, rappel)
    demande = demandes.transiter(demande, changement("DemandeDeposee", vers=Statut.DEPOSEE))
    demande = demandes.transiter(demande, changement("EvenementDeDemain", vers=Statut.EN_CONTROLE))

    lu = vu(demande, journal=demandes.journal(demande.id))

    assert [(e.evenement, e.libelle, e.statut) for e in lu.evenements] == [
        ("DemandeCommencee", "Vous avez commencé votre demande", "brouillon"),
        ("BrouillonRappele", "Nous vous avons rappelé votre brouillon", "brouillon"),
        ("DemandeDeposee", "Vous avez déposé votre demande", "deposee"),
        ("EvenementDeDemain", "Contrôle des pièces en cours", "en_controle"),
    ]
    assert [e.date for e in lu.evenements] == [demande.cree_le, *[ecrire(MAINTENANT)] * 3]


def test_un_dossier_papier_dit_qui_l_a_enregistre() -> None:
    demandes, demande = FakeDemandes(), prete(origine="papier", saisie_par="compte-de-l-agent")
    demandes.creer(demande)
    deposer = changement("DemandeDeposee", vers=Statut.DEPOSEE, auteur=Auteur("agent", "compte-de-l-agent"))
    demande = demandes.transiter(demande, deposer)
    lu = vu(demande, journal=demandes.journal(demande.id))
    assert [e.libelle for e in lu.evenements] == [
        "Un agent a commencé la saisie de votre dossier papier",
        "Un agent a enregistré votre dossier papier",
    ]


def test_chaque_evenement_que_le_code_ecrit_a_ses_mots() -> None:
    ecrits = set()
    for fichier in CORE.rglob("*.py"):
        texte = fichier.read_text()
        ecrits |= set(re.findall(r'(?:passer|Changement)\(\s*(?:\w+,\s*)?"([A-Z]\w+)"', texte))
    assert {"DemandeDeposee", "DemandeRetiree"} <= ecrits, "the search finds what is known to be there"
    assert ecrits <= set(EVENEMENTS)
