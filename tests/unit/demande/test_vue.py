"""The states of the eight steps, and what may be changed, as the usager sees them."""

from typing import Any

import pytest

from chalicelib.demande.modeles import Demande, EtatPaiement, EtatPhoto, Motif, Paiement, Piece, Statut, StatutPiece
from chalicelib.demande.vue import MODIFIABLES, paiement_vue, vue_demande
from tests.dossiers import ADRESSE, ETAT_CIVIL, MAINTENANT, brouillon, paiement_reserve, piece, pieces_de, prete

JOUR = MAINTENANT.date()
ETAPES = [
    "motif",
    "etat_civil",
    "adresse",
    "photo_signature",
    "pieces",
    "paiement",
    "recapitulatif",
    "confirmation",
]


def etats(demande: Demande, pieces: list[Piece] | None = None) -> dict[str, str]:
    return {nom: etape.etat for nom, etape in vue_demande(demande, MAINTENANT, pieces).etapes.items()}


def test_un_brouillon_neuf_a_huit_etapes_dont_une_seule_complete() -> None:
    vue = vue_demande(brouillon(), MAINTENANT, [])
    assert list(vue.etapes) == ETAPES
    assert etats(brouillon(), []) == {**dict.fromkeys(ETAPES, "vide"), "motif": "complete"}
    assert vue.modifiable == MODIFIABLES
    assert vue.numero is None


def test_une_demande_prete_a_toutes_ses_saisies_completes() -> None:
    demande = prete()
    attendu = {**dict.fromkeys(ETAPES, "complete"), "recapitulatif": "vide", "confirmation": "vide"}
    assert etats(demande, pieces_de(demande)) == attendu


@pytest.mark.parametrize("etape", ["motif", "etat_civil", "adresse", "photo_signature"])
@pytest.mark.parametrize("laisse", [{"email": "a@exemple.fr"}, {}])
def test_une_etape_laissee_en_brouillon_montre_ce_qui_fut_laisse(etape: str, laisse: dict[str, str]) -> None:
    vue = vue_demande(prete(**{f"brouillon_{etape}": laisse}), MAINTENANT)
    assert (vue.etapes[etape].etat, vue.etapes[etape].donnees) == ("brouillon", laisse)


def test_les_donnees_d_une_etape_sont_celles_qui_furent_saisies() -> None:
    etapes = vue_demande(prete(), MAINTENANT).etapes
    assert etapes["etat_civil"].donnees == ETAT_CIVIL
    assert etapes["adresse"].donnees == ADRESSE
    assert etapes["motif"].donnees == {"motif": "perte"}


@pytest.mark.parametrize(
    ("etat", "attendu"),
    [
        (EtatPhoto.VALIDE, "complete"),
        (EtatPhoto.EN_ACTIVATION, "complete"),
        (EtatPhoto.TALON, "complete"),
        (EtatPhoto.CODE_ATTENDU, "brouillon"),
        (EtatPhoto.INCONNU, "a_revoir"),
        (EtatPhoto.DEJA_UTILISE, "a_revoir"),
        (EtatPhoto.EXPIRE, "a_revoir"),
    ],
)
def test_l_etat_de_la_photo(etat: EtatPhoto, attendu: str) -> None:
    assert etats(prete(photo_signature={"mode": "numerique", "etat": etat}))["photo_signature"] == attendu


@pytest.mark.parametrize(
    ("pieces", "attendu"),
    [
        ([], "vide"),
        ([piece("identite", 1)], "brouillon"),
        ([piece("identite", 1), piece("domicile", 2)], "complete"),
        ([piece("identite", 1), piece("domicile", 2, StatutPiece.ATTENDUE)], "brouillon"),
        ([piece("identite", 1), piece("domicile", 2), piece("domicile", 3, StatutPiece.INVALIDE)], "a_revoir"),
        ([piece("identite", 1), piece("domicile", 2), piece("recepisse_vol", 3)], "a_revoir"),
        ([piece("identite", 1, pages=3), piece("domicile", 2)], "brouillon"),
    ],
)
def test_l_etat_des_pieces(pieces: list[Piece], attendu: str) -> None:
    assert etats(prete(), pieces)["pieces"] == attendu


def test_sans_les_avoir_chargees_la_vue_tait_les_pieces() -> None:
    vue = vue_demande(prete(), MAINTENANT)
    assert vue.pieces is None
    assert "pieces" not in vue.etapes


@pytest.mark.parametrize(
    ("champs", "etape", "etat"),
    [
        ({"motif": Motif.EXPIRATION, "paiement": None}, "non_requise", "non_requis"),
        ({"motif": Motif.EXPIRATION}, "non_requise", "non_requis"),
        ({"paiement": None}, "vide", "a_payer"),
        ({"paiement": {"etat": "en_attente", "montant_centimes": 0, "reference": "r"}}, "brouillon", "en_attente"),
        ({"paiement": {"etat": "refuse", "montant_centimes": 2500, "reference": "r"}}, "a_revoir", "refuse"),
        ({}, "complete", "reserve"),
        ({"paiement": paiement_reserve(montant_centimes=1250)}, "a_revoir", "reserve"),
        ({"paiement": paiement_reserve(etat=EtatPaiement.LIBERE), "statut": Statut.RETIREE}, "a_revoir", "libere"),
    ],
)
def test_l_etat_du_paiement(champs: dict[str, Any], etape: str, etat: str) -> None:
    demande = prete(**champs)
    assert etats(demande)["paiement"] == etape
    assert paiement_vue(demande, JOUR)["etat"] == etat


def test_le_recu_n_est_propose_que_pour_un_timbre_tenu() -> None:
    assert paiement_vue(prete(), JOUR)["recu"] == f"/api/demandes/{prete().id}/recu"
    en_attente = paiement_reserve(etat=EtatPaiement.EN_ATTENTE, numero_timbre=None)
    assert paiement_vue(prete(paiement=en_attente), JOUR)["recu"] is None


def test_un_achat_en_attente_montre_le_montant_du_et_non_zero() -> None:
    demande = prete(paiement={"etat": "en_attente", "montant_centimes": 0, "reference": "r"})
    assert paiement_vue(demande, JOUR)["montant_centimes"] == 2500


def test_une_demande_confirmee_est_entiere_et_ne_se_modifie_plus() -> None:
    demande = prete(
        statut=Statut.DEPOSEE,
        numero="12441542134215461243643",
        deposee_le="2026-11-24T10:00:00.000Z",
        paiement=paiement_reserve(etat=EtatPaiement.CONSOMME),
    )
    vue = vue_demande(demande, MAINTENANT, pieces_de(demande))
    assert {etape.etat for etape in vue.etapes.values()} == {"complete"}
    assert vue.etapes["confirmation"].donnees == {"numero": "12441542134215461243643"}
    assert vue.modifiable == []


@pytest.mark.parametrize("statut", [s for s in Statut if s not in (Statut.BROUILLON, Statut.ATTENTE_PHOTO)])
def test_rien_ne_se_modifie_hors_du_brouillon(statut: Statut) -> None:
    assert vue_demande(prete(statut=statut), MAINTENANT).modifiable == []


def test_une_demande_gratuite_confirmee_le_reste_quand_le_prix_change() -> None:
    demande = prete(
        motif=Motif.DETERIORATION, paiement=None, statut=Statut.EN_CONTROLE, deposee_le="2017-02-28T12:00:00.000Z"
    )
    assert etats(demande)["paiement"] == "non_requise"


def test_un_changement_de_motif_dit_ce_qui_ne_va_plus_sans_mêler_le_paiement_aux_pieces() -> None:
    avant = prete(motif=Motif.VOL)
    vue = vue_demande(prete(motif=Motif.EXPIRATION), MAINTENANT, avant=avant)
    assert vue.a_reprendre is not None
    assert [(a.etape, a.champ) for a in vue.a_reprendre] == [
        ("pieces", "recepisse_vol"),
        ("pieces", "ancien_permis"),
        ("paiement", None),
    ]
    assert vue.etapes["pieces"].etat == "a_revoir"
    assert [manque["champ"] for manque in vue.etapes["pieces"].donnees["manques"]] == ["recepisse_vol", "ancien_permis"]


def test_un_changement_de_motif_sans_consequence_ne_reclame_rien() -> None:
    vue = vue_demande(prete(motif=Motif.PERTE), MAINTENANT, avant=prete(motif=Motif.PERTE))
    assert vue.a_reprendre == []
    assert "pieces" not in vue.etapes


@pytest.mark.parametrize("statut", [Statut.RETIREE, Statut.CLASSEE_SANS_SUITE])
def test_une_demande_close_n_attend_plus_la_fin_d_un_achat(statut: Statut) -> None:
    achat = Paiement(etat=EtatPaiement.EN_ATTENTE, montant_centimes=2500, reference="r")
    demande = brouillon().model_copy(update={"statut": statut, "paiement": achat})
    assert paiement_vue(demande, JOUR)["etat"] == EtatPaiement.LIBERE


@pytest.mark.parametrize(
    ("etat", "modifiable", "attendu"),
    [(EtatPhoto.TALON, [], "complete"), (EtatPhoto.REFUSE, ["photo_signature"], "a_revoir")],
)
def test_une_photo_refusee_peut_etre_changee_et_un_talon_en_route_non(
    etat: EtatPhoto, modifiable: list[str], attendu: str
) -> None:
    demande = prete(statut=Statut.ATTENTE_PHOTO, photo_signature={"mode": "talon", "etat": etat})
    vue = vue_demande(demande, MAINTENANT)
    assert (vue.modifiable, vue.etapes["photo_signature"].etat) == (modifiable, attendu)


@pytest.mark.parametrize(
    ("statut", "montrees"), [(Statut.SUSPENDUE, [1, 2, 3, 4]), (Statut.EN_INSTRUCTION, [1, 2, 3])], ids=str
)
def test_un_fichier_jamais_soumis_n_encombre_plus_la_liste_une_fois_le_complement_envoye(
    statut: Statut, montrees: list[int]
) -> None:
    identite, domicile = pieces_de(prete())
    remplacee = piece("domicile", 3, StatutPiece.REMPLACEE)
    annoncee = piece("domicile", 4, StatutPiece.ATTENDUE)
    deposees = [identite.piece_id, domicile.piece_id]
    demande = prete(statut=statut, deposee_le="2026-11-24T10:00:00.000Z", pieces_deposees=deposees)
    vue = vue_demande(demande, MAINTENANT, [identite, domicile, remplacee, annoncee])
    assert [une.rang for une in vue.pieces or []] == montrees
    assert [une.rang for une in vue.pieces or [] if une.deposee] == [1, 2]


def test_un_conseil_sur_l_ensemble_des_pages_n_est_donne_que_tant_qu_on_peut_y_repondre() -> None:
    muette = piece("identite", mrz=[])

    def conseils(demande: Demande, *pieces: Piece) -> list[list[str]]:
        vues = vue_demande(demande, MAINTENANT, list(pieces)).pieces or []
        return [[une.code for une in vue.anomalies] for vue in vues]

    assert conseils(brouillon(), muette) == [["zone_non_reconnue"]]
    assert conseils(brouillon(), muette, piece("identite", 2)) == [[], []]
    deposee = prete(deposee_le=MAINTENANT.isoformat(), statut="en_controle", pieces_deposees=[muette.piece_id])
    assert conseils(deposee, muette) == [[]]
