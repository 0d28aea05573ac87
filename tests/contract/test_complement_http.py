"""Suspension, correction, levée and complement through the routes: who may, what opens, what is told, what it costs."""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.demande.erreurs import DemandeInconnue
from chalicelib.demande.modeles import Demande, Statut, StatutPiece
from chalicelib.demande.verification import chaine_intacte
from chalicelib.http import ROUTES, Identite
from tests.agents import AGENT, AILLEURS, CHEF, CTN, PAUL, PIERRE, deposer, habiliter
from tests.appel import Resultat, appeler
from tests.capacite import mesurer_ecritures, total
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import ADRESSE, DEMANDE_ID, ETAT_CIVIL
from tests.droits import relever_droits
from tests.parcours import FICHIER
from tests.ports import Exterieur, exterieur_simule
from tests.specimens import image, texte_renomme

SUSPENSION = "/instruction/demandes/{id}/suspension"
LEVEE = "/instruction/demandes/{id}/levee"
COMPLEMENT = "/demandes/{id}/complement"
PIECE = "/demandes/{id}/pieces/{piece_id}"
IDENTITE, DOMICILE = f"{1:016x}", f"{2:016x}"
SECOND = Identite("second-de-nancy", "session-b", "agent", ("543",))
ILLISIBLE = {"cible": DOMICILE, "motif": "illisible"}
VOIE = {"cible": "adresse.nom_voie", "motif": "inexacte"}
PHOTO = {"cible": "photo_signature", "motif": "photo_non_conforme"}
PRENOMS = {"cible": "etat_civil.prenoms", "motif": "inexacte"}
DEMANDE: dict[str, Any] = {
    "elements": [ILLISIBLE, VOIE],
    "message": "La facture est floue.\nEt la rue ne correspond pas.",
}
CORRIGEE = {**ADRESSE, "nom_voie": "Saint-Dizier"}


@pytest.fixture(autouse=True)
def exterieur() -> Iterator[Exterieur]:
    with aws_simule(), exterieur_simule() as simules:
        habiliter()
        yield simules


def appel(methode: str, route: str, corps: Any = None, qui: Identite = AGENT, **autres: Any) -> Resultat:
    piece_id = autres.pop("piece_id", None)
    chemin = {"id": DEMANDE_ID, **({"piece_id": piece_id} if piece_id else {})}
    return appeler(methode, route, chemin, corps, qui, autres or None)


def reussi(methode: str, route: str, corps: Any = None, qui: Identite = AGENT, **autres: Any) -> Any:
    resultat = appel(methode, route, corps, qui, **autres)
    assert resultat.statut // 100 == 2, resultat
    return resultat.corps


def lire() -> Demande:
    return wiring.demandes().lire(DEMANDE_ID)


def voie() -> str | None:
    adresse = lire().adresse
    return adresse.nom_voie if adresse else None


def suspendre(*elements: dict[str, str], qui: Identite = AGENT, **autres: Any) -> Any:
    corps = {**DEMANDE, **({"elements": list(elements)} if elements else {}), **autres}
    return reussi("POST", SUSPENSION, corps, qui)


def envoyer(octets: bytes | None = None, type_: str = "domicile") -> str:
    """Announce a file, post it, and have it judged."""
    octets = octets or image("PNG")
    annonce = {**FICHIER, "type": type_, "taille": len(octets)}
    piece_id: str = reussi("POST", "/demandes/{id}/pieces", annonce, PIERRE)["piece_id"]
    clients.client("s3").put_object(Bucket="permis-quarantaine", Key=f"{DEMANDE_ID}/{piece_id}", Body=octets)
    reussi("POST", f"{PIECE}/controle", None, PIERRE, piece_id=piece_id)
    return piece_id


def repondre() -> str:
    """Answer all that ``DEMANDE`` asks."""
    reussi("PUT", "/demandes/{id}/adresse", CORRIGEE, PIERRE)
    return envoyer()


def statuts() -> dict[str, str]:
    _, pieces = wiring.demandes().lire_avec_pieces(DEMANDE_ID)
    return {une.piece_id: une.statut for une in pieces}


def test_la_route_entiere_d_une_suspension_a_son_complement() -> None:
    deposer()
    suspendue = suspendre()
    assert (suspendue["statut"], suspendue["version"]) == ("suspendue", 2)

    vue = reussi("GET", "/demandes/{id}", None, PIERRE)
    assert vue["modifiable"] == ["pieces.domicile", "adresse.nom_voie"]
    assert vue["suspension"]["message"] == DEMANDE["message"]
    assert {nom for nom, etape in vue["etapes"].items() if etape["etat"] == "a_revoir"} == {"adresse", "pieces"}
    assert statuts()[DOMICILE] == "refusee"

    incomplet = appel("POST", COMPLEMENT, None, PIERRE)
    assert incomplet.statut == 409
    assert [(un["etape"], un["champ"]) for un in incomplet.corps["manques"]] == [
        ("pieces", "domicile"),
        ("adresse", "nom_voie"),
    ]

    nouvelle = repondre()
    vue = reussi("GET", "/demandes/{id}", None, PIERRE)
    assert {un["repondu"] for un in vue["suspension"]["elements"]} == {True}
    assert vue["etapes"]["adresse"]["donnees"]["nom_voie"] == "Saint-Dizier"
    assert voie() == "de la Poste"

    envoye = appel("POST", COMPLEMENT, None, PIERRE)
    assert (envoye.statut, envoye.corps["statut"], envoye.corps["modifiable"]) == (202, "en_instruction", [])
    demande = lire()
    assert envoye.entetes["etag"] == f'"{demande.version}"'
    assert demande.agent == AGENT.compte_id
    assert demande.pieces_deposees == [IDENTITE, nouvelle]
    assert statuts() == {IDENTITE: "valide", DOMICILE: "remplacee", nouvelle: "valide"}
    journal = wiring.demandes().journal(DEMANDE_ID)
    assert [(entree.evenement, entree.auteur_genre) for entree in journal] == [
        ("DemandeSuspendue", "agent"),
        ("ComplementDepose", "usager"),
    ]
    assert chaine_intacte(journal, demande)
    assert appel("POST", COMPLEMENT, None, PIERRE) == envoye._replace(entetes=_sans_correlation(envoye))


def _sans_correlation(resultat: Resultat) -> Any:
    """The headers to expect of another call: all but its own correlation id."""
    return EntetesSansCorrelation(resultat.entetes)


class EntetesSansCorrelation(dict[str, str]):
    """Headers equal to others that differ by their correlation id only."""

    def __eq__(self, autres: object) -> bool:
        assert isinstance(autres, dict)
        return {**self, "x-correlation-id": ""} == {**autres, "x-correlation-id": ""}

    __hash__ = None


@pytest.mark.parametrize("route", [("POST", SUSPENSION), ("PUT", SUSPENSION), ("POST", LEVEE), ("POST", COMPLEMENT)])
@pytest.mark.parametrize("role", ["usager", "agent", "chef", "ctn", "ecole", "partenaire"])
def test_chaque_role_ne_va_que_la_ou_il_peut(route: tuple[str, str], role: str) -> None:
    permis = {"usager", "agent", "chef"} if route[1] == COMPLEMENT else {"agent", "chef", "ctn"}
    assert set(ROUTES[route].qui) == permis
    qui = Identite("quelqu-un", "session", role, ("543",))
    assert (appel(*route, DEMANDE, qui).statut == 403) is (role not in permis)


@pytest.mark.parametrize("route", [("POST", SUSPENSION), ("PUT", SUSPENSION), ("POST", LEVEE)])
def test_une_autre_autorite_n_en_connait_rien(route: tuple[str, str]) -> None:
    demande = deposer()
    assert appel(*route, DEMANDE, AILLEURS).statut == 404
    assert lire() == demande


def test_un_autre_usager_n_en_connait_rien() -> None:
    deposer()
    suspendre()
    for methode, route, corps in (
        ("POST", COMPLEMENT, None),
        ("PUT", "/demandes/{id}/adresse", CORRIGEE),
        ("POST", "/demandes/{id}/pieces", {**FICHIER, "type": "domicile"}),
    ):
        assert appel(methode, route, corps, PAUL).statut == 404
    assert lire().version == 2


def test_une_demande_tenue_par_un_autre_ne_se_suspend_pas() -> None:
    deposer(agent="second-de-nancy", agent_nom="Bruno Martin", bail_jusqua="2999-01-01T00:00:00.000Z")
    refus = appel("POST", SUSPENSION, DEMANDE)
    assert refus.statut == 409
    assert "Bruno Martin" in refus.corps["detail"]
    assert appel("POST", SUSPENSION, DEMANDE, SECOND).statut == 200
    suspension = lire().suspension
    assert suspension is not None and suspension.par_nom == "Bruno Martin"


@pytest.mark.parametrize(
    ("qui", "statut"),
    [
        (qui, statut)
        for qui, depuis in ((AGENT, "en_instruction"), (CHEF, "en_instruction"), (CTN, "en_controle"))
        for statut in Statut
        if statut not in (depuis, "brouillon")
    ],
    ids=lambda valeur: valeur.role if isinstance(valeur, Identite) else str(valeur),
)
def test_un_autre_statut_est_dit(qui: Identite, statut: Statut) -> None:
    demande = deposer(statut)
    for methode, route in (("POST", SUSPENSION), ("PUT", SUSPENSION), ("POST", LEVEE)):
        refus = appel(methode, route, DEMANDE, qui)
        assert (refus.statut, refus.corps["statut"]) == (409, statut)
    assert appel("POST", COMPLEMENT, None, PIERRE).statut == 409
    assert lire() == demande


def test_le_controle_suspend_et_retrouve_ce_qu_il_a_demande() -> None:
    deposer(Statut.EN_CONTROLE)
    suspendre(ILLISIBLE, qui=CTN)
    nouvelle = envoyer()
    assert reussi("POST", COMPLEMENT, None, PIERRE)["statut"] == "en_controle"
    assert (lire().agent, statuts()[nouvelle]) == (CTN.compte_id, "a_verifier")
    jugee = {"pieces": [{"piece_id": nouvelle, "statut": "acceptee"}]}
    assert reussi("POST", "/instruction/demandes/{id}/controle", jugee, CTN)["statut"] != "suspendue"


def _avec(**champs: Any) -> dict[str, Any]:
    return {**DEMANDE, **champs}


def _element(**champs: Any) -> dict[str, Any]:
    return _avec(elements=[{**VOIE, **champs}])


MAUVAIS = [
    (_avec(elements=[]), "elements"),
    (_avec(elements=None), "elements"),
    (_avec(elements="adresse.nom_voie"), "elements"),
    (_avec(elements=[VOIE] * 21), "elements"),
    (_avec(elements=[1]), "elements.0"),
    (_element(cible=""), "elements.0.cible"),
    (_element(cible=None), "elements.0.cible"),
    (_element(cible="x" * 61), "elements.0.cible"),
    (_element(motif=[]), "elements.0.motif"),
    (_element(autre=1), "elements.0.autre"),
    (_avec(message=""), "message"),
    (_avec(message="   \n "), "message"),
    (_avec(message="x" * 2001), "message"),
    (_avec(message="Lisez\u0000ceci."), "message"),
    (_avec(message=None), "message"),
    (_avec(delai_jours=0), "delai_jours"),
    (_avec(delai_jours=181), "delai_jours"),
    (_avec(delai_jours="60"), "delai_jours"),
    (_avec(delai_jours=1.5), "delai_jours"),
    (_avec(delai_jours=True), "delai_jours"),
    (_avec(statut="validee"), "statut"),
    ({"elements": [VOIE]}, "message"),
]


@pytest.mark.parametrize("methode", ["POST", "PUT"])
@pytest.mark.parametrize(("corps", "champ"), MAUVAIS)
def test_une_mauvaise_saisie_est_nommee_sans_aucun_appel(methode: str, corps: Any, champ: str) -> None:
    with compter_appels() as appels:
        refus = appel(methode, SUSPENSION, corps)
    assert refus.statut == 422
    assert [erreur["champ"] for erreur in refus.corps["erreurs"]] == [champ]
    assert appels == []


@pytest.mark.parametrize(
    ("element", "champ"),
    [
        ({"cible": "adresse.prefecture", "motif": "inexacte"}, "elements.0.cible"),
        ({"cible": "adresse.inconnu", "motif": "inexacte"}, "elements.0.cible"),
        ({"cible": "f" * 16, "motif": "illisible"}, "elements.0.cible"),
        ({"cible": "__class__", "motif": "inexacte"}, "elements.0.cible"),
        ({"cible": DOMICILE, "motif": "inexacte"}, "elements.0.motif"),
        ({"cible": "adresse.commune", "motif": "illisible"}, "elements.0.motif"),
    ],
)
def test_ce_qui_ne_peut_etre_demande_est_nomme_et_rien_n_est_ecrit(element: dict[str, str], champ: str) -> None:
    demande = deposer()
    refus = appel("POST", SUSPENSION, _avec(elements=[element]))
    assert (refus.statut, [erreur["champ"] for erreur in refus.corps["erreurs"]]) == (422, [champ])
    assert lire() == demande


@pytest.mark.parametrize(
    ("route", "corps", "champ"),
    [
        ("/demandes/{id}/adresse", {**CORRIGEE, "commune": "Metz"}, "commune"),
        ("/demandes/{id}/adresse", {**CORRIGEE, "prefecture": "751"}, "prefecture"),
        ("/demandes/{id}/adresse", {**CORRIGEE, "email": "autre@exemple.fr"}, "email"),
        ("/demandes/{id}/adresse", {**CORRIGEE, "complement": None}, "complement"),
        ("/demandes/{id}/etat-civil", ETAT_CIVIL, None),
        ("/demandes/{id}/photo-signature", {"mode": "talon"}, None),
        ("/demandes/{id}/motif", {"motif": "vol"}, None),
        ("/demandes/{id}/adresse/brouillon", {"nom_voie": "Saint-Dizier"}, None),
    ],
)
def test_rien_d_autre_que_ce_qui_est_demande_ne_se_change(route: str, corps: Any, champ: str | None) -> None:
    deposer()
    suspendre()
    avant = lire()
    refus = appel("PUT", route, corps, PIERRE)
    if champ is None:
        assert (refus.statut, refus.corps["statut"]) == (409, "suspendue")
    else:
        assert (refus.statut, [erreur["champ"] for erreur in refus.corps["erreurs"]]) == (422, [champ])
    assert lire() == avant


def test_seules_les_pieces_demandees_s_ajoutent_et_seules_les_nouvelles_se_retirent() -> None:
    deposer()
    suspendre()
    refus = appel("POST", "/demandes/{id}/pieces", {**FICHIER, "type": "identite"}, PIERRE)
    assert (refus.statut, refus.corps["erreurs"][0]["champ"]) == (422, "type")
    assert appel("DELETE", PIECE, None, PIERRE, piece_id=DOMICILE).statut == 409
    assert appel("DELETE", PIECE, None, PIERRE, piece_id=IDENTITE).statut == 409
    nouvelle = envoyer()
    assert appel("DELETE", PIECE, None, PIERRE, piece_id=nouvelle).statut == 204
    assert statuts() == {IDENTITE: "valide", DOMICILE: "refusee"}
    refusee = envoyer(texte_renomme())
    assert statuts()[refusee] == "invalide"
    assert appel("POST", COMPLEMENT, None, PIERRE).statut == 409


def test_les_pages_d_une_piece_remplacee_ne_comptent_plus() -> None:
    """The récépissé is one page: the one refused must not leave zero to its successor."""
    deposer(motif="vol")
    recepisse = f"{3:016x}"
    suspendre({"cible": recepisse, "motif": "illisible"})
    nouvelle = envoyer(type_="recepisse_vol")
    assert statuts()[nouvelle] == "valide"
    assert reussi("POST", COMPLEMENT, None, PIERRE)["statut"] == "en_instruction"


def test_ce_qui_reste_d_une_suspension_levee_ne_repond_pas_a_la_suivante() -> None:
    deposer()
    suspendre(ILLISIBLE)
    restee = envoyer()
    reussi("POST", LEVEE)
    suspendre(ILLISIBLE)
    refus = appel("POST", COMPLEMENT, None, PIERRE)
    assert (refus.statut, [un["champ"] for un in refus.corps["manques"]]) == (409, ["domicile"])
    vue = reussi("GET", "/demandes/{id}", None, PIERRE)
    assert [element["repondu"] for element in vue["suspension"]["elements"]] == [False]
    assert appel("DELETE", PIECE, None, PIERRE, piece_id=restee).statut == 204
    nouvelle = envoyer()
    assert reussi("POST", COMPLEMENT, None, PIERRE)["statut"] == "en_instruction"
    assert lire().pieces_deposees == [IDENTITE, nouvelle]


def test_une_photo_redemandee_prend_un_nouveau_code_que_la_demande_tient(exterieur: Exterieur) -> None:
    deposer()
    suspendre(PHOTO)
    inconnu = {"mode": "numerique", "code": "Z" * 22}
    vue = reussi("PUT", "/demandes/{id}/photo-signature", inconnu, PIERRE)
    assert vue["etapes"]["photo_signature"]["etat"] == "a_revoir"
    assert appel("POST", COMPLEMENT, None, PIERRE).statut == 409
    code = exterieur.photos.creer()
    vue = reussi("PUT", "/demandes/{id}/photo-signature", {"mode": "numerique", "code": code}, PIERRE)
    assert (vue["etapes"]["photo_signature"]["etat"], vue["modifiable"]) == ("complete", ["photo_signature"])
    assert reussi("POST", COMPLEMENT, None, PIERRE)["statut"] == "en_instruction"
    assert exterieur.photos.reservations == {code: DEMANDE_ID}
    photo = lire().photo_signature
    assert photo is not None and photo.code == code


def test_un_talon_choisi_en_complement_s_imprime_avant_l_envoi() -> None:
    deposer(photo_signature={"mode": "numerique", "code": "A" * 22, "etat": "valide"})
    suspendre(PHOTO)
    assert appel("GET", "/demandes/{id}/talon", None, PIERRE).statut == 409
    reussi("PUT", "/demandes/{id}/photo-signature", {"mode": "talon"}, PIERRE)
    assert appel("GET", "/demandes/{id}/talon", None, PIERRE).statut == 200
    assert reussi("POST", COMPLEMENT, None, PIERRE)["statut"] == "attente_photo"


def test_le_recapitulatif_montre_ce_qui_s_ouvre() -> None:
    deposer()
    suspendre()
    relu = reussi("GET", "/demandes/{id}/recapitulatif", None, PIERRE)
    assert {section["etape"] for section in relu["sections"] if section["modifiable"]} == {"adresse", "pieces"}
    assert [manque["etape"] for manque in relu["manques"]] == ["pieces", "adresse"]


def test_corriger_puis_lever_ne_perd_aucun_message_ni_aucune_reponse() -> None:
    deposer()
    suspendre()
    reussi("PUT", "/demandes/{id}/adresse", CORRIGEE, PIERRE)
    corrige = {"elements": [VOIE], "message": "Seulement la rue."}
    assert reussi("PUT", SUSPENSION, corrige, CHEF)["version"] == 4
    assert reussi("PUT", SUSPENSION, corrige, CHEF)["version"] == 4, "the same again changes nothing"
    assert statuts()[DOMICILE] == "valide"
    vue = reussi("GET", "/demandes/{id}", None, PIERRE)
    assert (vue["suspension"]["elements"][0]["repondu"], vue["modifiable"]) == (True, ["adresse.nom_voie"])
    assert reussi("POST", LEVEE)["statut"] == "en_instruction"
    assert appel("POST", LEVEE).statut == 409
    closes = wiring.demandes().suspensions_closes(DEMANDE_ID)
    assert {(close.issue, close.message) for close in closes} == {
        ("corrigee", DEMANDE["message"]),
        ("levee", "Seulement la rue."),
    }
    assert closes[-1].reponses == {"adresse": {"nom_voie": "Saint-Dizier"}}
    apres = lire()
    assert (apres.agent, voie()) == (AGENT.compte_id, "de la Poste")
    refus = appel("POST", COMPLEMENT, None, PIERRE)
    assert (refus.statut, refus.corps["statut"]) == (409, "en_instruction")


def _fermer() -> None:
    contexte = wiring.contexte("correlation")
    compte = wiring.comptes().lire(AGENT.compte_id)
    assert compte is not None
    evenement = contexte.evenement(AGENT.compte_id, "CompteFerme", email=compte.email)
    wiring.comptes().fermer(compte, evenement, contexte.maintenant)


def _changer(**champs: Any) -> None:
    compte = wiring.comptes().lire(AGENT.compte_id)
    assert compte is not None
    wiring.comptes().installer(compte.model_copy(update=champs))


PARTIS: dict[str, Callable[[], None]] = {
    "compte fermé": _fermer,
    "autre rôle": lambda: _changer(role="ctn"),
    "autres autorités": lambda: _changer(autorites=("751",)),
}


@pytest.mark.parametrize("partir", PARTIS.values(), ids=PARTIS)
@pytest.mark.parametrize("fin", ["complement", "levee"])
def test_ce_qui_revient_a_qui_n_est_plus_la_revient_a_ses_collegues(fin: str, partir: Callable[[], None]) -> None:
    deposer()
    suspendre()
    partir()
    if fin == "complement":
        repondre()
        reussi("POST", COMPLEMENT, None, PIERRE)
    else:
        reussi("POST", LEVEE, None, CHEF)
    demande = lire()
    assert (demande.statut, demande.agent, demande.bail_jusqua) == (Statut.EN_INSTRUCTION, None, None)
    assert demande.corbeille == "543#agent" and (demande.urgence or "").startswith("0#")
    assert reussi("POST", "/instruction/corbeille/suivante", None, CHEF)["id"] == DEMANDE_ID


def test_ce_qu_un_collegue_leve_revient_a_qui_l_avait_demande() -> None:
    deposer()
    suspendre()
    reussi("POST", LEVEE, None, CHEF)
    assert lire().agent == AGENT.compte_id


@pytest.mark.parametrize("route", [("POST", SUSPENSION), ("PUT", SUSPENSION), ("POST", LEVEE), ("POST", COMPLEMENT)])
def test_une_version_perimee_est_refusee(route: tuple[str, str]) -> None:
    deposer()
    if route != ("POST", SUSPENSION):
        suspendre()
        repondre()
    demande = lire()
    qui = PIERRE if route[1] == COMPLEMENT else AGENT
    autre = _avec(message="Un autre message.")
    perimee = appel(*route, autre, qui, **{"If-Match": f'"{demande.version - 1}"'})
    assert (perimee.statut, perimee.corps["version"]) == (412, demande.version)
    assert appel(*route, autre, qui, **{"If-Match": f'"{demande.version}"'}).statut // 100 == 2


def test_une_reponse_sur_une_version_perimee_est_refusee() -> None:
    deposer()
    suspendre()
    entete = {"If-Match": '"1"'}
    assert appel("PUT", "/demandes/{id}/adresse", CORRIGEE, PIERRE, **entete).statut == 412
    assert appel("PUT", "/demandes/{id}/adresse", CORRIGEE, PIERRE, **{"If-Match": '"2"'}).statut == 200


def test_une_demande_inconnue_est_introuvable() -> None:
    with pytest.raises(DemandeInconnue):
        lire()
    for methode, route, qui in (("POST", SUSPENSION, AGENT), ("POST", LEVEE, AGENT), ("POST", COMPLEMENT, PIERRE)):
        assert appel(methode, route, DEMANDE, qui).statut == 404


ECRIRE = "TransactWriteItems"
TENUE: dict[str, Any] = {
    "agent": AGENT.compte_id,
    "agent_nom": "Agnès Guichet",
    "bail_jusqua": "2999-01-01T00:00:00.000Z",
}


def test_une_adresse_electronique_corrigee_est_annoncee_a_l_ancienne() -> None:
    deposer()
    suspendre({"cible": "adresse.email", "motif": "inexacte"})
    reussi("PUT", "/demandes/{id}/adresse", {**ADRESSE, "email": "autre@exemple.fr"}, PIERRE)
    assert lire().anciens_contacts is None
    reussi("POST", COMPLEMENT, None, PIERRE)
    demande, journal = lire(), wiring.demandes().journal(DEMANDE_ID)
    assert [entree.evenement for entree in journal[-2:]] == ["ContactRemplace", "ComplementDepose"]
    assert demande.anciens_contacts is not None
    (ancien,) = demande.anciens_contacts
    assert (ancien.rang, ancien.email, ancien.telephone) == (journal[-2].rang, ADRESSE["email"], None)
    assert chaine_intacte(journal, demande)


def test_chaque_action_ne_fait_que_les_appels_comptes() -> None:
    deposer(**TENUE)
    attendus = (
        ("POST", SUSPENSION, DEMANDE, AGENT, ["Query", ECRIRE]),
        ("PUT", SUSPENSION, _avec(message="Autre."), AGENT, ["Query", ECRIRE]),
        ("PUT", SUSPENSION, _avec(message="Autre."), AGENT, ["Query"]),
        ("POST", COMPLEMENT, None, PIERRE, ["Query"]),
        ("PUT", "/demandes/{id}/adresse", CORRIGEE, PIERRE, ["UpdateItem", "GetItem", "UpdateItem"]),
        ("POST", LEVEE, None, AGENT, ["GetItem", ECRIRE]),
        ("POST", SUSPENSION, _avec(elements=[VOIE]), AGENT, ["Query", ECRIRE]),
        ("PUT", "/demandes/{id}/adresse", CORRIGEE, PIERRE, ["UpdateItem", "GetItem", "UpdateItem"]),
        ("POST", COMPLEMENT, None, PIERRE, ["Query", "GetItem", ECRIRE]),
        ("POST", COMPLEMENT, None, PIERRE, ["Query", "Query"]),
    )
    for methode, route, corps, qui, appels_attendus in attendus:
        with compter_appels() as appels:
            appel(methode, route, corps, qui)
        assert [un.operation for un in appels] == appels_attendus, (methode, route)


def test_suspendre_sans_tenir_la_demande_lit_son_propre_nom() -> None:
    deposer()
    with compter_appels() as appels:
        suspendre()
    assert [un.operation for un in appels] == ["Query", "GetItem", ECRIRE]
    suspension = lire().suspension
    assert suspension is not None and suspension.par_nom == "Agnès Guichet"


def _droits(groupe: str, sans: str = "") -> dict[str, set[str]]:
    """The rights of ``groupe`` on tables; ``sans`` the one that an agent with a paper dossier exercises."""
    fonction = importlib.import_module(f"chalicelib.{groupe}").FONCTION
    return {nom: set(actions) for nom, actions in fonction.droits.items() if nom.startswith("table:") and nom != sans}


def test_les_droits_ecrits_sont_ceux_qui_servent() -> None:
    deposer()
    with relever_droits() as exerces:
        suspendre(*DEMANDE["elements"], PRENOMS)
        reussi("PUT", SUSPENSION, _avec(elements=[*DEMANDE["elements"], PRENOMS], message="Autre."))
    assert exerces == _droits("instruction.suspendre")
    with relever_droits() as exerces:
        reussi("PUT", "/demandes/{id}/etat-civil", {**ETAT_CIVIL, "prenoms": ["Paul"]}, PIERRE)
    assert exerces == _droits("steps.etat_civil", "table:consultations")
    repondre()
    with relever_droits() as exerces:
        reussi("POST", COMPLEMENT, None, PIERRE)
    assert exerces == _droits("demandes.complement", "table:consultations")
    suspendre(VOIE)
    with relever_droits() as exerces:
        reussi("POST", LEVEE, qui=CHEF)
    assert exerces == _droits("instruction.lever")


MESURE = {"suspension": 12, "réponse": 4, "complément": 18}
"""What each writes today in WRU (a demande of one page of domicile and one field): never more."""


def test_une_suspension_et_son_complement_ne_coutent_pas_plus_qu_aujourd_hui(
    capsys: pytest.CaptureFixture[str],
) -> None:
    deposer(**TENUE)
    mesures: dict[str, int] = {}
    with mesurer_ecritures() as ecrites:
        suspendre()
        mesures["suspension"] = total(ecrites)
        ecrites.clear()
        reussi("PUT", "/demandes/{id}/adresse", CORRIGEE, PIERRE)
        mesures["réponse"] = total(ecrites)
        envoyer()
        ecrites.clear()
        reussi("POST", COMPLEMENT, None, PIERRE)
        mesures["complément"] = total(ecrites)
    with capsys.disabled():
        print(f"\nWRU d'une suspension et de son complément : {mesures}")
    assert all(cout <= MESURE[quoi] for quoi, cout in mesures.items()), mesures


def test_une_piece_jugee_apres_l_envoi_du_complement_ne_change_plus_rien() -> None:
    deposer()
    suspendre(ILLISIBLE)
    octets = image("PNG")
    annonce = {**FICHIER, "type": "domicile", "taille": len(octets)}
    en_retard = reussi("POST", "/demandes/{id}/pieces", annonce, PIERRE)["piece_id"]
    envoyer()
    reussi("POST", COMPLEMENT, None, PIERRE)
    clients.client("s3").put_object(Bucket="permis-quarantaine", Key=f"{DEMANDE_ID}/{en_retard}", Body=octets)
    assert appel("POST", f"{PIECE}/controle", None, PIERRE, piece_id=en_retard).statut == 409
    assert statuts()[en_retard] == StatutPiece.ATTENDUE
    assert en_retard not in (lire().pieces_deposees or [])
