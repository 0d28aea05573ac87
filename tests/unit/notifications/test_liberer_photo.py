"""A demande that ends without a card gives its e-photo back, once, however often it is told."""

import json
from pathlib import Path

import pytest

from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.modeles import Demande, EtatPhoto, PhotoSignature, Statut, Suspension
from chalicelib.demande.statuts import FINALS
from chalicelib.notifications.liberer_photo import FINS_SANS_TITRE, PHOTOS_CHANGEES, liberer_la_photo
from tests.dossiers import DEMANDE_ID, brouillon
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import FakePhotos

RESSOURCES = Path(__file__).parents[3] / "infra" / "resources.json"


def evenement(type_: str = "DemandeRetiree") -> EvenementPublie:
    return EvenementPublie(
        evenement_id=f"{DEMANDE_ID}#2",
        type=type_,
        demande_id=DEMANDE_ID,
        rang=2,
        correlation_id="correlation",
        survenu_le="2026-11-24T10:00:00.000Z",
    )


def tenue(photos: FakePhotos, statut: Statut = Statut.RETIREE) -> tuple[str, FakeDemandes]:
    """A demande of this statut, whose e-photo is held for it."""
    code = photos.creer()
    photo = PhotoSignature(mode="numerique", code=code, etat=EtatPhoto(photos.reserver(code, DEMANDE_ID)))
    return code, magasin(brouillon(statut=statut, photo_signature=photo))


def magasin(demande: Demande) -> FakeDemandes:
    demandes = FakeDemandes()
    demandes.creer(demande)
    return demandes


@pytest.mark.parametrize("type_", sorted(FINS_SANS_TITRE))
def test_l_e_photo_d_une_demande_finie_sans_titre_sert_a_une_autre(type_: str) -> None:
    photos = FakePhotos()
    code, demandes = tenue(photos)
    assert photos.consulter(code) == "deja_utilise"
    assert [liberer_la_photo(evenement(type_), demandes, photos) for _ in range(2)] == ["liberee"] * 2
    assert photos.reserver(code, "b" * 32) == "valide"
    liberer_la_photo(evenement(type_), demandes, photos)
    assert photos.consulter(code, "b" * 32) == "valide", "told again, it takes nothing from the other one"


def test_le_code_d_un_complement_jamais_envoye_est_rendu_a_la_fin() -> None:
    photos = FakePhotos()
    code = photos.creer()
    photos.reserver(code, DEMANDE_ID)
    suspension = Suspension(
        rang=1, elements=[], message="", par="a", par_nom="A", role="agent", retour=Statut.EN_INSTRUCTION,
        suspendue_le="2026-11-24T10:00:00.000Z", delai_jours=60,
        reponses={"photo_signature": {"mode": "numerique", "code": code, "etat": "valide"}},
    )  # fmt: skip
    demandes = magasin(brouillon(statut=Statut.CLASSEE_SANS_SUITE, suspension=suspension))
    assert liberer_la_photo(evenement("DemandeClasseeSansSuite"), demandes, photos) == "liberee"
    assert photos.reservations == {}


def test_un_titre_distribue_garde_son_e_photo() -> None:
    photos = FakePhotos()
    code, demandes = tenue(photos, Statut.DISTRIBUEE)
    assert liberer_la_photo(evenement("TitreDistribue"), demandes, photos) == "autre_fin"
    assert photos.consulter(code) == "deja_utilise"


@pytest.mark.parametrize(
    "photo", [None, PhotoSignature(mode="talon", etat=EtatPhoto.TALON)], ids=["rien encore", "talon"]
)
def test_sans_code_la_base_n_est_pas_appelee(photo: PhotoSignature | None) -> None:
    photos = FakePhotos()
    demandes = magasin(brouillon(statut=Statut.RETIREE, photo_signature=photo))
    assert liberer_la_photo(evenement(), demandes, photos) == "sans_code"
    assert photos.appels == 0


def test_une_base_en_panne_fait_redire_la_fin_par_la_file() -> None:
    photos = FakePhotos()
    code, demandes = tenue(photos)
    photos.en_panne = True
    with pytest.raises(ServiceIndisponible):
        liberer_la_photo(evenement(), demandes, photos)
    photos.en_panne = False
    assert liberer_la_photo(evenement(), demandes, photos) == "liberee"
    assert photos.consulter(code) == "valide"


@pytest.mark.parametrize("type_", sorted(PHOTOS_CHANGEES))
def test_un_code_quitte_est_rendu_et_celui_qui_est_tenu_le_reste(type_: str) -> None:
    photos = FakePhotos()
    quitte, tenu = photos.creer(), photos.creer()
    for code in (quitte, tenu):
        photos.reserver(code, DEMANDE_ID)
    photo = PhotoSignature(mode="numerique", code=tenu, etat=EtatPhoto.VALIDE)
    demandes = magasin(brouillon(statut=Statut.ATTENTE_PHOTO, photo_signature=photo, photos_quittees=[quitte]))
    assert [liberer_la_photo(evenement(type_), demandes, photos) for _ in range(2)] == ["liberee"] * 2
    assert photos.reservations == {tenu: DEMANDE_ID}


def test_un_code_repris_au_meme_instant_reste_a_son_usager() -> None:
    photos = FakePhotos()
    code = photos.creer()
    photos.reserver(code, DEMANDE_ID)
    repris = PhotoSignature(mode="numerique", code=code, etat=EtatPhoto.VALIDE)
    demandes = magasin(brouillon(statut=Statut.ATTENTE_PHOTO, photo_signature=repris, photos_quittees=[code]))
    liberer_la_photo(evenement("PhotoChangee"), demandes, photos)
    assert photos.reservations == {code: DEMANDE_ID}


def test_une_photo_recue_sans_code_quitte_n_appelle_pas_la_base() -> None:
    photos = FakePhotos()
    code, demandes = tenue(photos, Statut.EN_INSTRUCTION)
    avant = photos.appels
    assert liberer_la_photo(evenement("PhotoRecue"), demandes, photos) == "sans_code"
    assert (photos.appels, photos.reservations) == (avant, {code: DEMANDE_ID})


def test_la_file_prend_les_fins_sans_titre_et_les_photos_changees_et_elles_seules() -> None:
    abonnement = json.loads(RESSOURCES.read_text())["Resources"]["AbonnementPhotos"]["Properties"]
    assert set(abonnement["FilterPolicy"]["type"]) == FINS_SANS_TITRE | PHOTOS_CHANGEES
    assert len(FINS_SANS_TITRE) == len(FINALS) - 1, "every end but a card in its owner's hands"
