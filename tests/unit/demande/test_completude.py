"""What is missing before a confirmation, for each motif; what a change of motif keeps, and what it says."""

from datetime import date

import pytest

from chalicelib.demande.completude import ecarts_de_motif, est_mineur, manques, montant_du, pieces_demandees
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import (
    Demande,
    EtatCivil,
    EtatPaiement,
    EtatPhoto,
    Motif,
    PhotoSignature,
    Representant,
    StatutPiece,
)
from chalicelib.demande.motifs import TYPES_PIECES, types_demandes
from tests.dossiers import ADRESSE, ETAT_CIVIL, MAINTENANT, brouillon, paiement_reserve, piece, pieces_de, prete

JOUR = date(2026, 11, 24)
PAYANTS = {Motif.PERTE, Motif.VOL, Motif.DETERIORATION}
EN_PLUS = {
    Motif.PERTE: [],
    Motif.VOL: ["recepisse_vol"],
    Motif.DETERIORATION: ["permis_deteriore"],
    Motif.EXPIRATION: ["ancien_permis"],
    Motif.CHANGEMENT_ETAT_CIVIL: ["justificatif_etat_civil"],
}


def champs(liste: list[dict[str, str]]) -> list[tuple[str, str | None]]:
    assert all(manque["message"].endswith(".") for manque in liste)
    return [(manque["etape"], manque.get("champ")) for manque in liste]


@pytest.mark.parametrize("motif", list(Motif))
def test_un_brouillon_vide_dit_tout_ce_qui_manque_dans_l_ordre_des_etapes(motif: Motif) -> None:
    attendu: list[tuple[str, str | None]] = [
        ("etat_civil", None),
        ("adresse", None),
        ("photo_signature", "mode"),
        *(("pieces", type_) for type_ in ["identite", "domicile", *EN_PLUS[motif]]),
        *([("paiement", None)] if motif in PAYANTS else []),
    ]
    assert champs(manques(brouillon(motif=motif), [], MAINTENANT, JOUR)) == attendu


@pytest.mark.parametrize("motif", list(Motif))
def test_une_demande_prete_ne_manque_de_rien(motif: Motif) -> None:
    demande = prete(motif=motif)
    assert manques(demande, pieces_de(demande), MAINTENANT, JOUR) == []


@pytest.mark.parametrize("motif", [Motif.EXPIRATION, Motif.CHANGEMENT_ETAT_CIVIL])
def test_un_motif_gratuit_n_attend_aucun_timbre(motif: Motif) -> None:
    demande = prete(motif=motif, paiement=None)
    assert manques(demande, pieces_de(demande), MAINTENANT, JOUR) == []


@pytest.mark.parametrize("etape", ["motif", "etat_civil", "adresse", "photo_signature"])
@pytest.mark.parametrize("laisse", [{"nom_voie": "rue"}, {}])
def test_une_etape_laissee_en_brouillon_est_a_terminer(etape: str, laisse: dict[str, str]) -> None:
    demande = prete(**{f"brouillon_{etape}": laisse})
    assert champs(manques(demande, pieces_de(demande), MAINTENANT, JOUR)) == [(etape, None)]


@pytest.mark.parametrize("etat", list(EtatPhoto))
def test_la_confirmation_veut_un_code_connu_ou_le_talon(etat: EtatPhoto) -> None:
    demande = prete(photo_signature=PhotoSignature(mode="numerique", code="A" * 22, etat=etat))
    suffit = etat in (EtatPhoto.VALIDE, EtatPhoto.EN_ACTIVATION, EtatPhoto.TALON)
    attendu = [] if suffit else [("photo_signature", "code")]
    assert champs(manques(demande, pieces_de(demande), MAINTENANT, JOUR)) == attendu


@pytest.mark.parametrize("statut", [s for s in StatutPiece if s is not StatutPiece.VALIDE])
def test_une_piece_qui_n_est_pas_valide_ne_compte_pas(statut: StatutPiece) -> None:
    demande = prete()
    pieces = [*pieces_de(demande)[:1], piece("domicile", 2, statut)]
    assert champs(manques(demande, pieces, MAINTENANT, JOUR)) == [("pieces", "domicile")]


def test_un_fichier_encore_en_controle_n_est_pas_laisse_derriere() -> None:
    """The verso of a card, still under scan beside its recto: left behind, it could not be added afterwards."""
    demande = prete()
    (manque,) = manques(demande, [*pieces_de(demande), piece("identite", 9, StatutPiece.EN_COURS)], MAINTENANT, JOUR)
    assert (manque["champ"], "n'est pas fini" in manque["message"]) == ("identite", True)


def test_les_pages_de_tous_les_fichiers_d_un_type_se_comptent_ensemble() -> None:
    demande = prete()
    deux_faces = [piece("identite", 1), piece("identite", 2), piece("domicile", 3, pages=5)]
    assert manques(demande, deux_faces, MAINTENANT, JOUR) == []
    (trop,) = manques(demande, [*deux_faces, piece("identite", 4)], MAINTENANT, JOUR)
    assert (trop["champ"], "2 page(s) au plus" in trop["message"]) == ("identite", True)


def test_une_piece_facultative_peut_manquer_mais_pas_depasser() -> None:
    demande = prete(motif=Motif.EXPIRATION)
    trop = piece("avis_medical", 9, pages=3)
    assert champs(manques(demande, [*pieces_de(demande), trop], MAINTENANT, JOUR)) == [("pieces", "avis_medical")]


@pytest.mark.parametrize(
    ("paiement", "phrase"),
    [
        (None, "Achetez un timbre"),
        (paiement_reserve(etat=EtatPaiement.EN_ATTENTE), "Achetez un timbre"),
        (paiement_reserve(etat=EtatPaiement.REFUSE), "Achetez un timbre"),
        (paiement_reserve(montant_centimes=1250), "ne suffit pas"),
        (paiement_reserve(expire_le=ecrire(MAINTENANT)), "n'est plus valable"),
    ],
)
def test_un_timbre_absent_insuffisant_ou_expire_manque(paiement: object, phrase: str) -> None:
    demande = prete(paiement=paiement)
    (manque,) = manques(demande, pieces_de(demande), MAINTENANT, JOUR)
    assert manque["etape"] == "paiement"
    assert phrase in manque["message"]


def test_en_guyane_un_demi_timbre_suffit() -> None:
    demande = prete(
        adresse={**ADRESSE, "prefecture": "9731", "code_postal": "97300", "commune": "Cayenne"},
        paiement=paiement_reserve(montant_centimes=1250),
    )
    assert montant_du(demande, JOUR) == 1250
    assert manques(demande, pieces_de(demande), MAINTENANT, JOUR) == []


def test_sans_prefecture_le_prix_est_le_prix_national() -> None:
    assert montant_du(brouillon(), JOUR) == 2500


def test_une_demande_deposee_garde_le_prix_du_jour_de_son_depot() -> None:
    deposee = prete(
        motif=Motif.DETERIORATION, paiement=None, statut="en_controle", deposee_le="2017-02-28T12:00:00.000Z"
    )
    assert montant_du(deposee, JOUR) == 0


@pytest.mark.parametrize("avant", list(Motif))
@pytest.mark.parametrize("apres", list(Motif))
def test_un_changement_de_motif_dit_les_pieces_de_trop_et_celles_en_plus(avant: Motif, apres: Motif) -> None:
    ecarts = [e for e in ecarts_de_motif(prete(motif=avant), prete(motif=apres), JOUR) if e["etape"] == "pieces"]
    de_trop = [type_ for type_ in types_demandes(avant) if type_ not in types_demandes(apres)]
    en_plus = [type_ for type_ in EN_PLUS[apres] if type_ not in types_demandes(avant)]
    assert [ecart["champ"] for ecart in ecarts] == [*de_trop, *en_plus]
    for ecart in ecarts:
        assert TYPES_PIECES[ecart["champ"]].libelle in ecart["message"]
        assert ("n'est pas demandé" in ecart["message"]) == (ecart["champ"] in de_trop)


def paiement_dit(avant: Motif, apres: Motif, **autres: object) -> list[str]:
    ecarts = ecarts_de_motif(prete(motif=avant, **autres), prete(motif=apres, **autres), JOUR)
    return [ecart["message"] for ecart in ecarts if ecart["etape"] == "paiement"]


def test_un_motif_devenu_gratuit_dit_que_le_timbre_sera_rendu() -> None:
    (message,) = paiement_dit(Motif.VOL, Motif.EXPIRATION)
    assert "timbre" in message
    assert "de nouveau utilisable" in message


def test_un_motif_devenu_payant_dit_combien() -> None:
    (message,) = paiement_dit(Motif.EXPIRATION, Motif.VOL, paiement=None)
    assert "25,00 €" in message


def test_un_prix_inchange_ou_deja_couvert_ne_se_dit_pas() -> None:
    assert paiement_dit(Motif.VOL, Motif.PERTE) == []
    assert paiement_dit(Motif.VOL, Motif.PERTE, paiement=None) == []
    assert paiement_dit(Motif.EXPIRATION, Motif.VOL) == []
    assert paiement_dit(Motif.VOL, Motif.EXPIRATION, paiement=None) == []


LEGAL = Representant(qualite="representant_legal", nom="Corneille", prenoms=["Marie"])
MANDATAIRE = Representant(qualite="mandataire", nom="Racine", prenoms=["Jean"])


def nee_le(date_naissance: str, representant: Representant | None = None) -> Demande:
    return prete(
        etat_civil=EtatCivil.model_validate({**ETAT_CIVIL, "date_naissance": date_naissance}), representant=representant
    )


def du_representant(demande: Demande) -> list[tuple[str, str | None]]:
    """What is missing, the proof of the representation apart."""
    liste = champs(manques(demande, pieces_de(demande), MAINTENANT, JOUR))
    return [manque for manque in liste if manque != ("pieces", "justificatif_representation")]


@pytest.mark.parametrize(
    ("date_naissance", "mineur"),
    [
        ("2008-11-24", False),
        ("2008-11-25", True),
        ("2009-01-01", True),
        ("2008-11", False),
        ("2008-12", True),
        ("2008", False),
        ("2009", True),
        ("1956", False),
        ("2008-02-29", False),
    ],
)
def test_on_est_mineur_quand_c_est_certain(date_naissance: str, mineur: bool) -> None:
    assert est_mineur(date_naissance, JOUR) == mineur


def test_un_mineur_a_un_representant_legal() -> None:
    manque = [("etat_civil", "representant")]
    assert du_representant(nee_le("2009-06-01")) == manque
    assert du_representant(nee_le("2009-06-01", MANDATAIRE)) == manque
    assert du_representant(nee_le("2009-06-01", LEGAL)) == []


@pytest.mark.parametrize("representant", [None, LEGAL, MANDATAIRE])
def test_un_majeur_en_a_un_s_il_veut(representant: Representant | None) -> None:
    assert du_representant(nee_le("1956-01-01", representant)) == []


def test_les_avis_vont_au_titulaire_et_non_a_son_mandataire() -> None:
    sien = MANDATAIRE.model_copy(update={"email": ADRESSE["email"]})
    assert du_representant(nee_le("1956-01-01", sien)) == [("adresse", "email")]
    parent = LEGAL.model_copy(update={"email": ADRESSE["email"]})
    assert du_representant(nee_le("2009-06-01", parent)) == []


def test_qui_represente_le_prouve() -> None:
    demande = prete(representant=LEGAL)
    assert pieces_demandees(demande)["justificatif_representation"]
    assert champs(manques(demande, pieces_de(demande), MAINTENANT, JOUR)) == [("pieces", "justificatif_representation")]
    avec = [*pieces_de(demande), piece("justificatif_representation", 9)]
    assert manques(demande, avec, MAINTENANT, JOUR) == []


def test_un_dossier_papier_a_son_formulaire_signe() -> None:
    demande = prete(origine="papier")
    assert champs(manques(demande, pieces_de(demande), MAINTENANT, JOUR)) == [("pieces", "formulaire_papier")]


@pytest.mark.parametrize("motif", list(Motif))
def test_ce_qu_un_cas_demande_ne_s_ajoute_a_aucun_autre(motif: Motif) -> None:
    pieces_demandees(prete(motif=motif, representant=LEGAL, origine="papier"))
    assert pieces_demandees(prete(motif=motif)) == types_demandes(motif)
