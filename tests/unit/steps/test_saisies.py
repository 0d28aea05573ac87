"""The other steps' use cases: motif, état civil, photo, and the drafts of half a step."""

from datetime import date
from typing import Any

import pytest

from chalicelib.demande.erreurs import SaisieInvalide, ServiceIndisponible
from chalicelib.demande.modeles import Adresse, EtatCivil, EtatPhoto, Motif, PhotoSignature
from chalicelib.demande.vue import vue_demande
from chalicelib.demandes.creer import creer
from chalicelib.saisie import saisi, valider_objet
from chalicelib.steps import adresse as etape_adresse
from chalicelib.steps import etat_civil as etape_etat_civil
from chalicelib.steps import photo_signature as etape_photo
from chalicelib.steps.etat_civil import verifier_date
from chalicelib.steps.motif import changer_motif
from chalicelib.steps.photo_signature import ChoixPhoto, choisir
from tests.dossiers import ADRESSE, DEMANDE_ID, ETAT_CIVIL, MAINTENANT, ecriture, il_y_a, prete
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import FakePhotos


def test_une_demande_neuve_sera_regardee_quand_son_rappel_viendra() -> None:
    demandes = FakeDemandes()
    demande = creer(demandes, DEMANDE_ID, "compte", Motif.VOL, MAINTENANT, MAINTENANT - il_y_a(10))
    assert demandes.lire(DEMANDE_ID) == demande
    assert (demande.version, demande.numero, demande.veille) == (1, None, "brouillon")
    assert list(demandes.a_veiller(il_y_a(-9.9))) == []
    assert list(demandes.a_veiller(il_y_a(-10))) == [DEMANDE_ID]


def test_changer_de_motif_garde_tout_et_dit_l_avant_et_l_apres_en_une_ecriture() -> None:
    demandes = FakeDemandes()
    demandes.creer(prete(motif=Motif.VOL, brouillon_motif={"motif": "perte"}))
    ecrit = ecriture(poser={"motif": Motif.EXPIRATION}, oter=("brouillon_motif",))

    avant, apres = changer_motif(demandes, DEMANDE_ID, ecrit, Motif.EXPIRATION)

    relue = demandes.lire(DEMANDE_ID)
    assert (avant.motif, avant.version) == (Motif.VOL, 1)
    assert vue_demande(apres, MAINTENANT) == vue_demande(relue, MAINTENANT), "what is answered is what is stored"
    assert (relue.etat_civil, relue.adresse, relue.paiement) == (avant.etat_civil, avant.adresse, avant.paiement)


def test_un_aller_retour_de_motif_rend_la_demande_comme_elle_etait() -> None:
    demandes = FakeDemandes()
    demandes.creer(prete(motif=Motif.VOL))
    for motif in (Motif.EXPIRATION, Motif.VOL):
        changer_motif(demandes, DEMANDE_ID, ecriture(poser={"motif": motif}), motif)
    attendue = prete(motif=Motif.VOL, version=3)
    relue = demandes.lire(DEMANDE_ID)
    assert relue.model_copy(update={"modifie_le": attendue.modifie_le}) == attendue


@pytest.mark.parametrize("naissance", ["2026-11-25", "2026-12", "2027", "9999-12-31"])
def test_une_naissance_dans_le_futur_est_refusee_sur_son_champ(naissance: str) -> None:
    with pytest.raises(SaisieInvalide) as erreur:
        verifier_date(naissance, date(2026, 11, 24))
    assert erreur.value.champs["erreurs"][0]["champ"] == "date_naissance"


@pytest.mark.parametrize("naissance", ["2026-11-24", "2026-11", "2026", "1956", "1956-01"])
def test_une_naissance_jusqu_a_aujourd_hui_autant_qu_on_la_connaisse_passe(naissance: str) -> None:
    verifier_date(naissance, date(2026, 11, 24))


@pytest.mark.parametrize("code", ["inconnue", "000", "542"])
def test_une_prefecture_hors_de_la_liste_est_refusee_sur_son_champ(code: str) -> None:
    with pytest.raises(SaisieInvalide) as erreur:
        etape_adresse.verifier_prefecture(code)
    assert erreur.value.champs["erreurs"][0]["champ"] == "prefecture"


def test_le_talon_et_l_intention_sans_code_ne_demandent_rien_a_la_base_photo() -> None:
    photos = FakePhotos()
    assert choisir(photos, ChoixPhoto(mode="talon")) == PhotoSignature(mode="talon", etat=EtatPhoto.TALON)
    assert choisir(photos, ChoixPhoto(mode="numerique")).etat is EtatPhoto.CODE_ATTENDU
    assert photos.appels == 0


@pytest.mark.parametrize("etat", ["valide", "en_activation", "inconnu", "deja_utilise", "expire"])
def test_l_etat_du_code_est_celui_que_dit_la_base_photo(etat: Any) -> None:
    photos = FakePhotos()
    code = photos.creer(etat)
    assert choisir(photos, ChoixPhoto(mode="numerique", code=code)) == PhotoSignature(
        mode="numerique", code=code, etat=EtatPhoto(etat)
    )


def test_une_base_photo_en_panne_se_dit_et_rien_n_est_devine() -> None:
    photos = FakePhotos()
    photos.en_panne = True
    with pytest.raises(ServiceIndisponible):
        choisir(photos, ChoixPhoto(mode="numerique", code="A" * 22))


@pytest.mark.parametrize(
    "saisi_", ["ABCDEFGHIJKL0123456789", "ABCD EFGH IJKL 0123 4567 89", "ABCD-EFGH-IJKL-0123456789"]
)
def test_un_code_photo_se_tape_avec_espaces_ou_tirets(saisi_: str) -> None:
    assert valider_objet(ChoixPhoto, {"mode": "numerique", "code": saisi_}).code == "ABCDEFGHIJKL0123456789"


@pytest.mark.parametrize("champ", list(EtatCivil.model_fields))
def test_un_etat_civil_a_moitie_saisi_se_garde_champ_par_champ(champ: str) -> None:
    complet = {**ETAT_CIVIL, "nom_usage": "Racine", "neph": "123456789012", "numero_dossier": "13572A7654"}
    assert saisi(valider_objet(etape_etat_civil.Brouillon, {champ: complet[champ]})) == {champ: complet[champ]}


@pytest.mark.parametrize("champ", list(Adresse.model_fields))
def test_une_adresse_a_moitie_saisie_se_garde_champ_par_champ(champ: str) -> None:
    assert saisi(valider_objet(etape_adresse.Brouillon, {champ: ADRESSE[champ]})) == {champ: ADRESSE[champ]}


@pytest.mark.parametrize(
    "lieu", [{"commune": "Nancy"}, {"departement": "54"}, {"pays": "Belgique"}, {"ville": "Namur"}]
)
def test_un_lieu_de_naissance_a_moitie_saisi_se_garde(lieu: dict[str, str]) -> None:
    assert saisi(valider_objet(etape_etat_civil.Brouillon, {"lieu_naissance": lieu})) == {"lieu_naissance": lieu}


@pytest.mark.parametrize("modele", [etape_etat_civil.Brouillon, etape_adresse.Brouillon, etape_photo.Brouillon])
def test_un_brouillon_vide_se_garde_vide(modele: Any) -> None:
    assert saisi(valider_objet(modele, {})) == {}
    tout_vide = {nom: "" for nom in modele.model_fields if nom not in ("prenoms", "reutilisation_donnees")}
    assert saisi(valider_objet(modele, tout_vide)) == {}


@pytest.mark.parametrize(
    ("modele", "champ", "valeur"),
    [
        (etape_etat_civil.Brouillon, "nom_naissance", "D0upont"),
        (etape_etat_civil.Brouillon, "date_naissance", "1956-13"),
        (etape_adresse.Brouillon, "email", "pierre@"),
        (etape_adresse.Brouillon, "telephone", "06"),
        (etape_photo.Brouillon, "code", "court"),
    ],
)
def test_la_forme_de_ce_qui_est_donne_se_verifie_aussi_dans_un_brouillon(modele: Any, champ: str, valeur: str) -> None:
    with pytest.raises(SaisieInvalide) as erreur:
        valider_objet(modele, {champ: valeur})
    assert erreur.value.champs["erreurs"][0]["champ"] == champ
