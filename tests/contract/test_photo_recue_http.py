"""The image that comes with a photo, over the real stores: kept before it is told, once, and shown to the agent."""

import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.adapters.fichiers_s3 import LIEN_S
from chalicelib.demande.image_photo import image_montree
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Element, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.signature import signer
from chalicelib.demande.suspension import lever, suspendre
from chalicelib.http import CORPS_MAX
from chalicelib.partenaires.photo import CORPS_MAX as CORPS_DE_PHOTO
from chalicelib.partenaires.photo import FONCTION, NotificationPhoto, recevoir_la_photo
from infra.local.simulateurs.portrait import en_base64, image_par_defaut, portrait
from tests.agents import AGENT, NUMERO, PIERRE, deposer
from tests.appel import ENVIRONNEMENT, Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, JOUR_S, prete
from tests.droits import relever_droits
from tests.ports import exterieur_simule

CODE = "A1B2C3D4E5F6G7H8J9K0L1"
TALON = {"code_talon": NUMERO, "resultat": "valide"}
EN_ACTIVATION = PhotoSignature(mode="numerique", code=CODE, etat=EtatPhoto.EN_ACTIVATION)
ECRITURE = ["Query", "GetItem", "PutObject", "TransactWriteItems"]


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule(), exterieur_simule():
        yield


def dire(**corps: Any) -> Resultat:
    texte = json.dumps({**TALON, **corps})
    signature = signer(ENVIRONNEMENT["CLE_PARTENAIRE"], texte.encode(), int(time.time()))
    return appeler("POST", "/partenaires/photo", corps=texte, entetes={"X-Permis-Signature": signature})


def effet(**corps: Any) -> str:
    resultat = dire(**corps)
    assert resultat.statut == 200, resultat
    return str(resultat.corps["effet"])


def gardees() -> dict[str, bytes]:
    s3 = clients.client("s3")
    cles = [objet["Key"] for objet in s3.list_objects_v2(Bucket="permis-pieces").get("Contents", [])]
    return {cle: s3.get_object(Bucket="permis-pieces", Key=cle)["Body"].read() for cle in cles if "/photo/" in cle}


def photo() -> Any:
    resultat = appeler("GET", "/instruction/demandes/{id}", {"id": DEMANDE_ID}, identite=AGENT)
    assert resultat.statut == 200, resultat
    return resultat.corps["photo"]


def conseils() -> list[str]:
    return [un["code"] for un in photo()["conseils"]]


def autre() -> str:
    """Another photo, with something to say of it."""
    return en_base64(portrait(fond=(255, 255, 255)))


def suspendre_la_photo() -> None:
    demande = wiring.demandes().lire(DEMANDE_ID)
    vise = [Element(cible="photo_signature", motif="photo_non_conforme")]
    agent, instant = Auteur("agent", "a1"), datetime.now(UTC)
    wiring.demandes().transiter(
        demande, suspendre(demande, [], vise, "Merci.", None, agent, "Agnès", instant, "c", JOUR_S)
    )


def test_l_image_d_un_talon_est_rangee_avant_d_etre_dite_et_l_agent_la_voit() -> None:
    deposer(Statut.ATTENTE_PHOTO)
    with compter_appels() as appels, relever_droits() as droits:
        assert effet(image=image_par_defaut()) == "applique"
    assert [appel.operation for appel in appels] == ECRITURE
    assert all(droits[table] <= set(FONCTION.droits[table]) for table in droits)
    ((cle, jpeg),) = gardees().items()
    assert Image.open(io.BytesIO(jpeg)).size == (420, 540)
    vue = photo()
    assert cle in vue["image"]["url"] and f"X-Amz-Expires={LIEN_S}" in vue["image"]["url"]
    assert ({nom: vue["image"][nom] for nom in ("largeur", "hauteur")}, vue["conseils"], vue["signee"]) == (
        {"largeur": 420, "hauteur": 540},
        [],
        True,
    )


def test_le_meme_avis_deux_fois_ne_range_qu_une_image() -> None:
    deposer(Statut.ATTENTE_PHOTO)
    assert effet(image=image_par_defaut()) == "applique"
    avant = gardees()
    with compter_appels() as appels:
        assert effet(image=image_par_defaut()) == "sans_effet"
    assert [appel.operation for appel in appels] == ["Query", "GetItem"] and gardees() == avant


def test_une_e_photo_activee_et_un_talon_venu_pendant_le_controle_gardent_la_leur() -> None:
    deposer(Statut.ATTENTE_PHOTO, photo_attendue=CODE, photo_signature=EN_ACTIVATION)
    assert effet(code_talon=None, code=CODE, image=autre()) == "applique"
    assert conseils() == ["photo_fond_blanc"] and len(gardees()) == 1


def test_le_conseil_est_une_phrase_et_ne_refuse_rien() -> None:
    deposer(Statut.EN_CONTROLE, photo_signature=PhotoSignature(mode="talon", etat=EtatPhoto.TALON))
    assert effet(image=autre()) == "applique"
    (conseil,) = photo()["conseils"]
    assert (conseil["code"], conseil["gravite"]) == ("photo_fond_blanc", "conseil")
    assert conseil["message"].endswith(".")


@pytest.mark.parametrize("image", ["<script>", "", "/9j/4AAQ", "A" * 2_000_000])
def test_une_mauvaise_image_ne_refuse_pas_la_photo_et_l_agent_le_sait(image: str) -> None:
    deposer(Statut.ATTENTE_PHOTO)
    assert effet(image=image) == "applique"
    assert wiring.demandes().lire(DEMANDE_ID).statut == "en_instruction"
    assert (photo()["image"], conseils(), gardees()) == (None, ["photo_illisible"], {})


def test_sans_image_la_photo_compte_comme_avant() -> None:
    deposer(Statut.ATTENTE_PHOTO)
    assert effet() == "applique"
    assert (photo()["image"], conseils(), gardees()) == (None, [], {})


def test_l_image_d_un_autre_talon_prend_la_place_de_la_premiere() -> None:
    deposer(Statut.ATTENTE_PHOTO)
    effet(image=autre())
    premiere = gardees()
    suspendre_la_photo()
    assert conseils() == ["photo_fond_blanc"], "the agent still sees what he asks to be done again"
    assert effet(image=image_par_defaut(), survenu_le=ecrire(datetime.now(UTC))) == "applique"
    assert conseils() == [] and len(gardees()) == 1 and not gardees().keys() & premiere.keys()


def test_une_mauvaise_image_remplace_aussi_celle_d_avant() -> None:
    deposer(Statut.ATTENTE_PHOTO)
    effet(image=autre())
    suspendre_la_photo()
    effet(image="<script>", survenu_le=ecrire(datetime.now(UTC)))
    assert (photo()["image"], conseils(), gardees()) == (None, ["photo_illisible"], {})


def test_une_autre_photo_venue_sans_image_cache_celle_d_avant_que_la_suspension_levee_rend() -> None:
    deposer(Statut.ATTENTE_PHOTO)
    effet(image=autre())
    suspendre_la_photo()
    demande = wiring.demandes().lire(DEMANDE_ID)
    agent, instant = Auteur("agent", "a1"), datetime.now(UTC)
    levee = lever(demande, agent, instant, "c", JOUR_S, encore_la=True)
    wiring.demandes().transiter(demande, levee)
    assert conseils() == ["photo_fond_blanc"]
    suspendre_la_photo()
    effet(survenu_le=ecrire(datetime.now(UTC)))
    wiring.demandes().transiter(
        wiring.demandes().lire(DEMANDE_ID),
        lever(wiring.demandes().lire(DEMANDE_ID), agent, datetime.now(UTC), "c", JOUR_S, encore_la=True),
    )
    assert (photo()["image"], conseils()) == (None, [])


def test_le_talon_d_un_brouillon_garde_son_image_jusqu_au_depot() -> None:
    wiring.demandes().creer(prete(modifie_le=ecrire(datetime.now(UTC))))
    with compter_appels() as appels:
        assert effet(code_talon=DEMANDE_ID, image=autre()) == "note"
    assert [appel.operation for appel in appels] == ["GetItem", "PutObject", "UpdateItem"]
    image = wiring.demandes().lire(DEMANDE_ID).photo_image
    assert image is not None and image.conseils == ["photo_fond_blanc"] and len(gardees()) == 1
    assert effet(code_talon=DEMANDE_ID, image=autre()) == "sans_effet"
    assert len(gardees()) == 1


def test_l_image_d_un_brouillon_n_est_pas_a_son_usager_ni_a_l_e_photo_qu_il_choisit_ensuite() -> None:
    wiring.demandes().creer(prete(modifie_le=ecrire(datetime.now(UTC))))
    effet(code_talon=DEMANDE_ID, image=autre())
    chemin = {"id": DEMANDE_ID}
    vue = appeler("PUT", "/demandes/{id}/photo-signature", chemin, {"mode": "numerique"}, PIERRE)
    assert vue.statut == 200 and "photo_image" not in json.dumps(vue.corps)
    assert image_montree(wiring.demandes().lire(DEMANDE_ID)) is None


@pytest.mark.parametrize(
    ("statut", "corps", "attendu"),
    [
        (Statut.ATTENTE_PHOTO, {"resultat": "refuse"}, "applique"),
        (Statut.RETIREE, {}, "applique"),
        (Statut.VALIDEE, {}, "sans_effet"),
        (Statut.ATTENTE_PHOTO, {"code_talon": None, "code": CODE}, "inattendue"),
    ],
    ids=["refusée", "venue trop tard", "plus attendue", "d'un code que nul n'attend"],
)
def test_l_image_d_une_photo_qui_ne_compte_pas_n_est_pas_gardee(
    statut: Statut, corps: dict[str, Any], attendu: str
) -> None:
    deposer(statut, photo_signature=PhotoSignature(mode="talon", etat=EtatPhoto.TALON))
    with compter_appels() as appels:
        assert effet(image=image_par_defaut(), **corps) == attendu
    assert "PutObject" not in [appel.operation for appel in appels] and gardees() == {}


def recevoir(fichiers: Any) -> str:
    notice = NotificationPhoto.model_validate({**TALON, "image": image_par_defaut()})
    ports = wiring.demandes(), wiring.comptes(), lambda: fichiers
    return recevoir_la_photo(*ports, notice, wiring.horloge(), "correlation", JOUR_S).effet


class Entre:
    """The files, with ``acte`` done once between the image that is kept and what tells it."""

    def __init__(self, acte: Any) -> None:
        self._vrais, self._acte = wiring.fichiers(), acte

    def ranger_photo(self, *arguments: Any) -> None:
        self._vrais.ranger_photo(*arguments)
        acte, self._acte = self._acte, None
        if acte is not None:
            acte()

    def retirer_photo(self, *arguments: Any) -> None:
        self._vrais.retirer_photo(*arguments)


def dite() -> str:
    image = wiring.demandes().lire(DEMANDE_ID).photo_image
    assert image is not None
    return f"{DEMANDE_ID}/photo/{image.nom}.jpg"


def test_un_autre_qui_ecrit_entre_temps_ne_laisse_qu_une_image_celle_qui_est_dite() -> None:
    deposer(Statut.ATTENTE_PHOTO)

    def changer_de_generation() -> None:
        wiring.demandes().changer_de_generation(wiring.demandes().lire(DEMANDE_ID), wiring.horloge())

    assert recevoir(Entre(changer_de_generation)) == "applique"
    assert list(gardees()) == [dite()]


def test_le_meme_avis_en_meme_temps_ne_retire_pas_l_image_de_l_autre() -> None:
    deposer(Statut.ATTENTE_PHOTO)
    assert recevoir(Entre(lambda: effet(image=image_par_defaut()))) == "sans_effet"
    assert list(gardees()) == [dite()]


def test_un_retrait_entre_temps_ne_laisse_aucune_image() -> None:
    deposer(Statut.ATTENTE_PHOTO, paiement=None)

    def retirer() -> None:
        assert appeler("DELETE", "/demandes/{id}", {"id": DEMANDE_ID}, identite=PIERRE).statut < 300

    assert recevoir(Entre(retirer)) == "applique", "told to the usager as too late"
    assert gardees() == {} and wiring.demandes().lire(DEMANDE_ID).photo_image is None


def test_l_avis_d_une_photo_peut_etre_long_les_autres_routes_non() -> None:
    deposer(Statut.ATTENTE_PHOTO)
    with compter_appels() as appels:
        assert dire(image="A" * CORPS_DE_PHOTO).statut == 422
    long = json.dumps({"reference": "r" * CORPS_MAX, "resultat": "accepte"})
    signature = signer(ENVIRONNEMENT["CLE_PARTENAIRE"], long.encode(), int(time.time()))
    refus = appeler("POST", "/partenaires/paiement", corps=long, entetes={"X-Permis-Signature": signature})
    assert (refus.statut, appels) == (422, []) and "64 Ko" in json.dumps(refus.corps)
