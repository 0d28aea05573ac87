"""The wizard over its routes: every field refused in French without a call; who may call; ids, versions, problems."""

import copy
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest

from chalicelib.adapters import clients
from chalicelib.http import ROUTES, Identite
from chalicelib.observabilite import journal_technique
from tests.appel import Resultat, appeler, charger
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import ADRESSE, ETAT_CIVIL
from tests.parcours import FICHIER, PAUL, PIERRE, Parcours
from tests.ports import Exterieur, exterieur_simule
from tests.specimens import image

ID = "0123456789abcdef0123456789abcdef"
ABSENT = object()
ARABES = "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦"

OBLIGATOIRE: tuple[Any, ...] = (ABSENT, None, "", "   ")
PAS_UN_TEXTE: tuple[Any, ...] = (42, True, ["x"], {"x": 1})
ILLISIBLE: tuple[Any, ...] = ("a\x00b", "a\u202eb", "x" * 3000)
PAS_UN_NOM: tuple[Any, ...] = ("D0upont", "<b>", "😀", "-")
PAS_UN_COURRIEL: tuple[Any, ...] = ("pierre", "pierre@", "@exemple.fr", "a b@exemple.fr", "a@b.fr\r\nBcc: c@d.fr")


@pytest.fixture
def dehors() -> Iterator[Exterieur]:
    """Outside systems only: what is refused without a call needs no AWS."""
    with exterieur_simule() as simules:
        yield simules


@pytest.fixture
def exterieur() -> Iterator[Exterieur]:
    with aws_simule(), exterieur_simule() as simules:
        yield simules


@pytest.fixture
def journal() -> Iterator[StringIO]:
    """What the technical log writes, in the form that it has in production."""
    ecrit = StringIO()
    sortie = logging.StreamHandler(ecrit)
    sortie.setFormatter(journal_technique.registered_formatter)
    logging.getLogger("permis").addHandler(sortie)
    yield ecrit
    logging.getLogger("permis").removeHandler(sortie)


@dataclass(frozen=True)
class Route:
    """A call, a body that is right, and per field (dotted) the values that must be refused under that field's name."""

    methode: str
    chemin: str
    juste: dict[str, Any]
    refuses: dict[str, tuple[Any, ...]] = field(default_factory=dict)


NOM = (*OBLIGATOIRE, *PAS_UN_TEXTE, *ILLISIBLE, *PAS_UN_NOM)
TEXTE = (*OBLIGATOIRE, *PAS_UN_TEXTE, *ILLISIBLE)
TEXTE_FACULTATIF = (*PAS_UN_TEXTE, *ILLISIBLE)
REPRESENTANT = {"qualite": "mandataire", "nom": "Corneille", "prenoms": ["Marie"], "email": "marie@exemple.fr"}
MOTIF = Route("PUT", "/demandes/{id}/motif", {"motif": "vol"}, {"motif": (*TEXTE, "voler", "Perte")})
PAS_UNE_PREFECTURE = (*TEXTE, "Nancy", "999999", "000", "542", ARABES[:3])
CHAMPS_D_ADRESSE: dict[str, tuple[Any, ...]] = {
    "numero": TEXTE_FACULTATIF,
    "extension": TEXTE_FACULTATIF,
    "type_voie": TEXTE_FACULTATIF,
    "nom_voie": TEXTE,
    "complement": TEXTE_FACULTATIF,
    "code_postal": (*TEXTE, "5400", "540000", "ABCDE", "54 00", ARABES[:5]),
    "commune": TEXTE,
    "prefecture": (*TEXTE, "Nancy", "999999", ARABES[:3]),
    "email": (*TEXTE, *PAS_UN_COURRIEL),
    "telephone": (*TEXTE_FACULTATIF, "06", "0383000000", "06123456789", "06" + ARABES[:8]),
    "reutilisation_donnees": (ABSENT, None, "", "oui", "true", 1, 0, [True]),
}
ETAPES = (
    MOTIF,
    Route("POST", "/demandes", {"motif": "vol"}, MOTIF.refuses),
    Route(
        "PUT",
        "/demandes/{id}/etat-civil",
        ETAT_CIVIL,
        {
            "nom_naissance": NOM,
            "nom_usage": (*TEXTE_FACULTATIF, *PAS_UN_NOM),
            "sexe": (*TEXTE, "X", "m", "Masculin"),
            "prenoms": (ABSENT, None, [], "Pierre", 42, {"0": "Pierre"}, ["Pierre"] * 16),
            "prenoms.0": (None, "", 42, ["Jean"], *ILLISIBLE, *PAS_UN_NOM),
            "date_naissance": (*TEXTE, "01/01/1956", "1956-13", "1957-02-29", "1899", "2090", "9999-12-31", ARABES[:4]),
            "lieu_naissance": (ABSENT, None, "", "Nancy", 54, []),
            "lieu_naissance.commune": TEXTE,
            "lieu_naissance.departement": (*TEXTE, "5", "999", "2C", "Meurthe", "00", ARABES[:2]),
            "neph": (*PAS_UN_TEXTE, "123", "1" * 13, "12345678901A", ARABES[:12]),
            "numero_dossier": (*PAS_UN_TEXTE, "abc def", "é" * 10, "court", ARABES[:8]),
        },
    ),
    Route(
        "PUT",
        "/demandes/{id}/etat-civil",
        {**ETAT_CIVIL, "lieu_naissance": {"pays": "Belgique", "ville": "Namur"}},
        {"lieu_naissance.pays": TEXTE[1:], "lieu_naissance.ville": TEXTE},
    ),
    Route("PUT", "/demandes/{id}/adresse", ADRESSE, {**CHAMPS_D_ADRESSE, "prefecture": PAS_UNE_PREFECTURE}),
    Route("PUT", "/demandes/{id}/adresse/confirmation", ADRESSE, CHAMPS_D_ADRESSE),
    Route(
        "PUT",
        "/demandes/{id}/photo-signature",
        {"mode": "numerique"},
        {"mode": (*TEXTE, "papier", "Numerique"), "code": (*PAS_UN_TEXTE, "court", "A" * 21, "A" * 23, "é" * 22)},
    ),
    Route("PUT", "/demandes/{id}/photo-signature", {"mode": "talon"}, {"code": ("A" * 22,)}),
    Route(
        "POST",
        "/demandes/{id}/pieces",
        FICHIER,
        {
            "type": (*TEXTE, "passeport"),
            "nom_fichier": TEXTE,
            "taille": (ABSENT, None, "", "mille", "1000", 0, -1, 1.5, True, 11 * 1024**2 + 1, 10**30, [1]),
            "mime": (*TEXTE, "text/html", "image/svg+xml", "image"),
        },
    ),
    Route(
        "PUT",
        "/demandes/{id}/representant",
        REPRESENTANT,
        {
            "qualite": (*TEXTE, "tuteur"),
            "nom": NOM,
            "prenoms": (ABSENT, None, [], "Marie", 42, {"0": "Marie"}, ["Marie"] * 16),
            "prenoms.0": (None, "", 42, ["Marie"], *ILLISIBLE, *PAS_UN_NOM),
            "email": (*TEXTE_FACULTATIF, *PAS_UN_COURRIEL),
            "telephone": (*TEXTE_FACULTATIF, "06", "0383000000", "06123456789"),
        },
    ),
    Route(
        "POST",
        "/demandes/{id}/paiement",
        {"url_retour": "/"},
        {
            "url_retour": (
                *TEXTE,
                "javascript:alert(1)",
                "https://ailleurs.fr/",
                "//ailleurs.fr",
                "/\\ailleurs.fr",
                "ftp://x",
                "x",
            )
        },
    ),
    Route(
        "PUT",
        "/demandes/{id}/paiement",
        {"numero_timbre": "1234567890123456"},
        {"numero_timbre": (*TEXTE, "1" * 15, "1" * 17, "123456789012345A", ARABES)},
    ),
    Route(
        "POST",
        "/demandes/{id}/confirmation",
        {"attestation": True},
        {"attestation": (ABSENT, None, False, "", "true", 1, [True])},
    ),
    Route("POST", "/demandes/{id}/messages", {"texte": "Bonjour"}, {"texte": TEXTE}),
)


def corps(juste: dict[str, Any], champ: str, valeur: Any) -> dict[str, Any]:
    """``juste`` with ``valeur`` at the dotted ``champ``, or without it."""
    rendu: Any = copy.deepcopy(juste)
    *parents, dernier = champ.split(".")
    cible = rendu
    for parent in parents:
        cible = cible[int(parent)] if isinstance(cible, list) else cible[parent]
    if valeur is ABSENT:
        del cible[dernier]
    elif isinstance(cible, list):
        cible[int(dernier)] = valeur
    else:
        cible[dernier] = valeur
    return rendu


def nommer(valeur: Any) -> str:
    return "absent" if valeur is ABSENT else ascii(valeur)[:30]


def verifier_probleme(resultat: Resultat, statut: int) -> dict[str, Any]:
    """The answer is a problem document in French (RFC 9457), with its correlation id; gives its body."""
    assert resultat.statut == statut, resultat.corps
    assert resultat.entetes["content-type"] == "application/problem+json"
    assert resultat.entetes["cache-control"] == "no-store"
    assert resultat.entetes["x-correlation-id"]
    probleme: dict[str, Any] = resultat.corps
    assert {"type", "title", "status", "detail"} <= set(probleme)
    assert probleme["status"] == statut
    assert probleme["detail"].endswith((".", "fr, http:// ou /."))
    return probleme


CAS = [
    pytest.param(route, champ, valeur, id=f"{route.methode} {route.chemin} {champ}={nommer(valeur)}")
    for route in ETAPES
    for champ, valeurs in route.refuses.items()
    for valeur in valeurs
]


@pytest.mark.parametrize(("route", "champ", "valeur"), CAS)
def test_chaque_champ_mal_saisi_est_nomme_en_francais_sans_aucun_appel(
    dehors: Exterieur, route: Route, champ: str, valeur: Any
) -> None:
    with compter_appels() as appels:
        resultat = appeler(route.methode, route.chemin, {"id": ID}, corps(route.juste, champ, valeur), PIERRE)

    erreurs = verifier_probleme(resultat, 422)["erreurs"]
    assert champ in [erreur["champ"] for erreur in erreurs]
    for erreur in erreurs:
        assert erreur["message"].endswith((".", ",", "…", "/."))
        assert set(erreur) == {"champ", "message"}
        assert "Input" not in erreur["message"], "pydantic's own English"
        assert "should" not in erreur["message"]
    assert appels == []
    assert dehors.photos.appels + dehors.boutique.appels == 0


@pytest.mark.parametrize("route", ETAPES, ids=lambda route: f"{route.methode} {route.chemin}")
def test_les_refus_couvrent_tous_les_champs_de_la_route(route: Route) -> None:
    charger(None)
    modele = ROUTES[(route.methode, route.chemin)].saisie
    assert modele is not None
    couverts = {
        champ.split(".")[0]
        for autre in ETAPES
        if (autre.methode, autre.chemin) == (route.methode, route.chemin)
        for champ in autre.refuses
    }
    assert couverts == set(modele.model_fields)


@pytest.mark.parametrize("route", ETAPES, ids=lambda route: f"{route.methode} {route.chemin}")
def test_un_champ_inconnu_est_refuse_par_son_nom(dehors: Exterieur, route: Route) -> None:
    resultat = appeler(route.methode, route.chemin, {"id": ID}, {**route.juste, "intrus": 1}, PIERRE)
    assert verifier_probleme(resultat, 422)["erreurs"] == [
        {"champ": "intrus", "message": "Ce champ n'est pas attendu ici."}
    ]


@pytest.mark.parametrize("brut", ["", "{", "null", "[]", '"x"', '{"motif": "\\ud800"}', "[" * 9000, "é" * 40_000])
@pytest.mark.parametrize("route", ETAPES[:2], ids=lambda route: f"{route.methode} {route.chemin}")
def test_un_corps_qui_n_est_pas_un_objet_json_est_refuse_sans_appel(dehors: Exterieur, route: Route, brut: str) -> None:
    with compter_appels() as appels:
        resultat = appeler(route.methode, route.chemin, {"id": ID}, brut, PIERRE)
    verifier_probleme(resultat, 422)
    assert appels == []


BROUILLONS_REFUSES = [
    pytest.param(chemin, champ, valeur, id=f"{chemin} {champ}={nommer(valeur)}")
    for chemin, champ, valeur in (
        ("motif", "motif", "voler"),
        *(("etat-civil", "nom_naissance", v) for v in (*PAS_UN_TEXTE, *ILLISIBLE, *PAS_UN_NOM)),
        *(("etat-civil", "sexe", v) for v in ("X", 1)),
        *(("etat-civil", "date_naissance", v) for v in ("1956-13", "hier", 1956)),
        *(("etat-civil", "lieu_naissance", v) for v in ("Nancy", 54, [])),
        *(("etat-civil", "neph", v) for v in ("123", 123456789012)),
        *(("adresse", "code_postal", v) for v in ("5400", 54000)),
        *(("adresse", "email", v) for v in PAS_UN_COURRIEL),
        *(("adresse", "telephone", v) for v in ("06", "0383000000")),
        *(("adresse", "reutilisation_donnees", v) for v in ("oui", 1)),
        *(("photo-signature", "mode", v) for v in ("papier", 1)),
        *(("photo-signature", "code", v) for v in ("court", 1)),
    )
]


@pytest.mark.parametrize(("etape", "champ", "valeur"), BROUILLONS_REFUSES)
def test_un_brouillon_verifie_la_forme_de_ce_qui_est_donne(
    dehors: Exterieur, etape: str, champ: str, valeur: Any
) -> None:
    with compter_appels() as appels:
        resultat = appeler("PUT", f"/demandes/{{id}}/{etape}/brouillon", {"id": ID}, {champ: valeur}, PIERRE)
    assert champ in [erreur["champ"] for erreur in verifier_probleme(resultat, 422)["erreurs"]]
    assert appels == []


charger(None)
DES_USAGERS = [
    ("POST", "/demandes"),
    ("GET", "/demandes"),
    *((methode, chemin) for methode, chemin in sorted(ROUTES) if chemin.startswith("/demandes/{id}")),
]


SAISIE = {"usager", "agent", "chef"}
SANS_AGENT = {
    ("POST", "/demandes"),
    ("POST", "/demandes/{id}/paiement"),
    ("POST", "/demandes/{id}/messages"),
}
"""A paper dossier is begun elsewhere, its stamp was bought already, and its messages are the usager's own."""

INTERDITS = [
    (methode, chemin, role)
    for methode, chemin in DES_USAGERS
    for role in ("agent", "chef", "ctn", "ecole", "partenaire")
    if role not in ROUTES[(methode, chemin)].qui
]


def test_les_roles_d_une_route_d_usager_sont_le_sien_ou_ceux_de_la_saisie() -> None:
    for route in DES_USAGERS:
        assert set(ROUTES[route].qui) in ({"usager"}, SAISIE), route
    assert {route for route in ETAPES_ET_SUITES if set(ROUTES[route].qui) == {"usager"}} == SANS_AGENT


@pytest.mark.parametrize(("methode", "chemin", "role"), INTERDITS)
def test_une_route_d_usager_refuse_les_autres_roles_sans_appel(
    dehors: Exterieur, methode: str, chemin: str, role: str
) -> None:
    autre = Identite("agent.543", "session", role, ("543",))
    with compter_appels() as appels:
        resultat = appeler(methode, chemin, {"id": ID, "piece_id": ID[:16]}, {}, autre)
    verifier_probleme(resultat, 403)
    assert appels == []


@pytest.mark.parametrize(("methode", "chemin"), DES_USAGERS)
def test_une_route_d_usager_refuse_un_appel_sans_identite(dehors: Exterieur, methode: str, chemin: str) -> None:
    verifier_probleme(appeler(methode, chemin, {"id": ID, "piece_id": ID[:16]}, {}), 401)


ETAPES_ET_SUITES = {
    *((route.methode, route.chemin) for route in ETAPES),
    *(route for route in DES_USAGERS if route[0] == "GET" and "{id}" not in route[1]),
}


def juste(methode: str, chemin: str) -> dict[str, Any] | None:
    """A right body for a route, if it takes one."""
    if (methode, chemin.removesuffix("/brouillon")) in {(r.methode, r.chemin) for r in ETAPES}:
        return next(r.juste for r in ETAPES if (r.methode, r.chemin) == (methode, chemin.removesuffix("/brouillon")))
    return None


AVEC_ID = [(methode, chemin) for methode, chemin in DES_USAGERS if "{id}" in chemin]


@pytest.mark.parametrize(("methode", "chemin"), AVEC_ID)
@pytest.mark.parametrize("id_", ["1", "x" * 32, ID.upper(), ID + "\n", ID[:-1], f"{ID}0", "..", "DEMANDE", "é" * 32])
def test_un_identifiant_mal_forme_est_introuvable_sans_appel(
    dehors: Exterieur, methode: str, chemin: str, id_: str
) -> None:
    with compter_appels() as appels:
        resultat = appeler(methode, chemin, {"id": id_, "piece_id": ID[:16]}, juste(methode, chemin), PIERRE)
    verifier_probleme(resultat, 404)
    assert appels == []


@pytest.mark.parametrize(("methode", "chemin"), [route for route in AVEC_ID if "{piece_id}" in route[1]])
def test_un_identifiant_de_piece_mal_forme_est_introuvable_sans_appel(
    dehors: Exterieur, methode: str, chemin: str
) -> None:
    with compter_appels() as appels:
        resultat = appeler(methode, chemin, {"id": ID, "piece_id": ID[:16] + "\n"}, None, PIERRE)
    assert verifier_probleme(resultat, 404)["title"] == "Pièce introuvable"
    assert appels == []


@pytest.mark.parametrize(("methode", "chemin"), AVEC_ID)
def test_la_demande_d_un_autre_est_introuvable_comme_une_absente(
    exterieur: Exterieur, methode: str, chemin: str
) -> None:
    sienne = Parcours("vol")
    sienne.deposer_fichier(image("PNG"))
    donnees = juste(methode, chemin)
    if chemin.endswith("/paiement") and methode == "PUT":
        donnees = {"numero_timbre": exterieur.boutique.creer_timbre()}
    avant = sienne.reussir("GET", "/demandes/{id}")

    ailleurs = appeler(methode, chemin, sienne.chemin, donnees, PAUL)
    absente = appeler(methode, chemin, {"id": ID, "piece_id": ID[:16]}, donnees, PAUL)

    corps_ailleurs, corps_absente = verifier_probleme(ailleurs, 404), verifier_probleme(absente, 404)
    assert corps_ailleurs == corps_absente
    assert (exterieur.photos.appels, exterieur.boutique.appels) == (0, 0), "nothing is asked outside for somebody else"
    assert sienne.reussir("GET", "/demandes/{id}") == avant


@pytest.mark.parametrize(("methode", "chemin"), [un for un in AVEC_ID if "agent" in ROUTES[un].qui])
@pytest.mark.parametrize("role", ["agent", "chef"])
def test_la_demande_d_un_usager_est_introuvable_pour_un_agent_meme_de_sa_prefecture(
    exterieur: Exterieur, methode: str, chemin: str, role: str
) -> None:
    sienne = Parcours("vol")
    sienne.saisir()
    sienne.deposer_fichier(image("PNG"))
    donnees = juste(methode, chemin)
    if chemin.endswith("/paiement") and methode == "PUT":
        donnees = {"numero_timbre": exterieur.boutique.creer_timbre()}
    avant = sienne.reussir("GET", "/demandes/{id}")

    agent = Identite("agent.543", "session", role, ("543",))
    verifier_probleme(appeler(methode, chemin, sienne.chemin, donnees, agent), 404)

    assert sienne.reussir("GET", "/demandes/{id}") == avant


ECRITURES = (
    ("PUT", "/demandes/{id}/motif", {"motif": "vol"}),
    ("PUT", "/demandes/{id}/motif/brouillon", {"motif": "vol"}),
    ("PUT", "/demandes/{id}/etat-civil", ETAT_CIVIL),
    ("PUT", "/demandes/{id}/etat-civil/brouillon", {"sexe": "M"}),
    ("PUT", "/demandes/{id}/adresse", ADRESSE),
    ("PUT", "/demandes/{id}/adresse/brouillon", {"commune": "Nancy"}),
    ("PUT", "/demandes/{id}/photo-signature", {"mode": "talon"}),
    ("PUT", "/demandes/{id}/photo-signature/brouillon", {"mode": "talon"}),
    ("PUT", "/demandes/{id}/representant", REPRESENTANT),
    ("DELETE", "/demandes/{id}/representant", None),
    ("POST", "/demandes/{id}/pieces", FICHIER),
    ("DELETE", "/demandes/{id}/pieces/{piece_id}", None),
    ("POST", "/demandes/{id}/paiement", {"url_retour": "/"}),
    ("PUT", "/demandes/{id}/paiement", {"numero_timbre": "0000000000000001"}),
    ("POST", "/demandes/{id}/confirmation", {"attestation": True}),
    ("DELETE", "/demandes/{id}", None),
)


@pytest.mark.parametrize(("methode", "chemin", "donnees"), ECRITURES)
def test_une_ecriture_sur_une_version_perimee_dit_l_actuelle_et_n_ecrit_rien(
    exterieur: Exterieur, methode: str, chemin: str, donnees: Any
) -> None:
    parcours = Parcours("vol")
    parcours.preparer(exterieur.boutique.creer_timbre())
    avant = parcours.reussir("GET", "/demandes/{id}")

    for perimee in ('"1"', "1", 'W/"1"', '"999"'):
        probleme = verifier_probleme(parcours.appeler(methode, chemin, donnees, {"If-Match": perimee}), 412)
        assert probleme["version"] == avant["version"]

    assert parcours.reussir("GET", "/demandes/{id}") == avant


@pytest.mark.parametrize(
    ("methode", "chemin", "donnees"), [e for e in ECRITURES if "paiement" not in e[1] and "confirmation" not in e[1]]
)
@pytest.mark.parametrize("forme", ['"{}"', "{}", 'W/"{}"', "*", ' "{}" '])
def test_une_ecriture_sur_la_version_lue_passe_sous_toutes_les_formes(
    exterieur: Exterieur, methode: str, chemin: str, donnees: Any, forme: str
) -> None:
    parcours = Parcours("vol")
    parcours.deposer_fichier(image("PNG"))
    etag = parcours.appeler("GET", "/demandes/{id}").entetes["etag"]

    resultat = parcours.appeler(methode, chemin, donnees, {"If-Match": forme.format(etag.strip('"'))})

    assert resultat.statut // 100 == 2, resultat.corps


@pytest.mark.parametrize("forme", ["", "abc", '"1", "2"', "-1", "1.5", '"' + "9" * 13 + '"', "²"])
def test_un_if_match_qui_n_est_pas_une_version_est_refuse_sans_appel(dehors: Exterieur, forme: str) -> None:
    with compter_appels() as appels:
        resultat = appeler("PUT", "/demandes/{id}/motif", {"id": ID}, {"motif": "vol"}, PIERRE, {"If-Match": forme})
    assert [erreur["champ"] for erreur in verifier_probleme(resultat, 422)["erreurs"]] == ["If-Match"]
    assert appels == []


@pytest.mark.parametrize("cle", ["", "a b", "é", "x" * 129, "\t"])
def test_une_cle_d_idempotence_illisible_est_refusee_sans_appel(dehors: Exterieur, cle: str) -> None:
    with compter_appels() as appels:
        resultat = appeler(
            "POST", "/demandes/{id}/paiement", {"id": ID}, {"url_retour": "/"}, PIERRE, {"Idempotency-Key": cle}
        )
    assert [erreur["champ"] for erreur in verifier_probleme(resultat, 422)["erreurs"]] == ["Idempotency-Key"]
    assert appels == []


def test_la_version_est_l_etag_de_chaque_lecture_et_de_chaque_ecriture(exterieur: Exterieur) -> None:
    parcours = Parcours("vol")
    for version, (methode, chemin, donnees) in enumerate(
        [e for e in ECRITURES if e[0] == "PUT" and "paiement" not in e[1]], start=2
    ):
        resultat = parcours.appeler(methode, chemin, donnees)
        assert resultat.corps["version"] == version
        assert resultat.entetes["etag"] == f'"{version}"'
        for lecture in ("/demandes/{id}", "/demandes/{id}/recapitulatif"):
            assert parcours.appeler("GET", lecture).entetes["etag"] == f'"{version}"'


@pytest.mark.parametrize(
    ("etape", "moitie", "entier"),
    [
        ("motif", {"motif": "perte"}, {"motif": "perte"}),
        ("etat-civil", {"nom_naissance": "Racine", "lieu_naissance": {"commune": "Na"}}, ETAT_CIVIL),
        ("adresse", {"code_postal": "54000", "email": "a@exemple.fr"}, ADRESSE),
        ("photo-signature", {"mode": "numerique"}, {"mode": "talon"}),
    ],
)
def test_une_moitie_d_etape_se_garde_se_relit_et_cede_la_place_a_l_etape_entiere(
    exterieur: Exterieur, etape: str, moitie: dict[str, Any], entier: dict[str, Any]
) -> None:
    parcours, route = Parcours("vol"), f"/demandes/{{id}}/{etape}"

    gardee = parcours.reussir("PUT", f"{route}/brouillon", moitie)
    relue = parcours.reussir("GET", route)
    assert relue == gardee["etapes"][etape.replace("-", "_")] == {"etat": "brouillon", "donnees": moitie}
    manques = verifier_probleme(parcours.appeler("POST", "/demandes/{id}/confirmation", {"attestation": True}), 409)
    assert etape.replace("-", "_") in [manque["etape"] for manque in manques["manques"]]

    parcours.reussir("PUT", route, entier)
    relue = parcours.reussir("GET", route)
    assert relue["etat"] == "complete"
    assert {nom: relue["donnees"][nom] for nom in entier} == entier


def test_un_brouillon_laisse_sur_une_etape_enregistree_ne_l_efface_pas(exterieur: Exterieur) -> None:
    parcours = Parcours("vol")
    parcours.reussir("PUT", "/demandes/{id}/adresse", ADRESSE)
    parcours.reussir("PUT", "/demandes/{id}/adresse/brouillon", {"numero": "4"})
    parcours.reussir("PUT", "/demandes/{id}/adresse", ADRESSE)
    assert parcours.reussir("GET", "/demandes/{id}/adresse") == {"etat": "complete", "donnees": ADRESSE}


def test_le_changement_de_motif_dit_ce_qui_ne_va_plus_et_garde_le_reste(exterieur: Exterieur) -> None:
    parcours = Parcours("vol")
    parcours.preparer(exterieur.boutique.creer_timbre())

    change = parcours.reussir("PUT", "/demandes/{id}/motif", {"motif": "expiration"})
    assert [(a["etape"], a["champ"]) for a in change["a_reprendre"]] == [
        ("pieces", "recepisse_vol"),
        ("pieces", "ancien_permis"),
        ("paiement", None),
    ]
    relue = parcours.reussir("GET", "/demandes/{id}")
    assert len(relue["pieces"]) == 3
    assert relue["etapes"]["paiement"]["etat"] == "non_requise"
    assert relue["etapes"]["adresse"]["donnees"] == ADRESSE

    parcours.reussir("PUT", "/demandes/{id}/motif", {"motif": "vol"})
    confirmee = parcours.reussir("POST", "/demandes/{id}/confirmation", {"attestation": True})
    assert confirmee["statut"] == "deposee"


@pytest.mark.parametrize("motif", ["perte", "vol", "deterioration", "expiration", "changement_etat_civil"])
def test_chaque_motif_va_jusqu_a_son_numero_son_suivi_et_ses_documents(exterieur: Exterieur, motif: str) -> None:
    parcours = Parcours(motif)
    payant = motif in ("perte", "vol", "deterioration")
    parcours.preparer(exterieur.boutique.creer_timbre() if payant else None)
    recapitulatif = parcours.reussir("GET", "/demandes/{id}/recapitulatif")
    assert recapitulatif["manques"] == []

    confirmee = parcours.appeler("POST", "/demandes/{id}/confirmation", {"attestation": True})

    assert confirmee.statut == 202
    assert len(confirmee.corps["numero"]) == 23
    assert confirmee.corps["numero"].isdecimal()
    suivi = parcours.reussir("GET", "/demandes/{id}/suivi")
    assert [e["evenement"] for e in suivi["evenements"]] == ["DemandeCommencee", "DemandeDeposee"]
    lue = parcours.reussir("GET", "/demandes/{id}")
    assert (lue["numero"], lue["modifiable"]) == (confirmee.corps["numero"], [])
    assert parcours.reussir("GET", "/demandes/{id}/justificatif")["url"].startswith("https://")
    assert parcours.reussir("GET", "/demandes/{id}/recepisse")["url"].startswith("https://")
    assert parcours.appeler("GET", "/demandes/{id}/recu").statut == (200 if payant else 409)
    (ligne,) = appeler("GET", "/demandes", None, None, PIERRE).corps["elements"]
    assert (ligne["id"], ligne["numero"], ligne["statut"]) == (parcours.id, confirmee.corps["numero"], "deposee")


@pytest.mark.parametrize(("methode", "chemin", "donnees"), ECRITURES)
def test_apres_la_confirmation_rien_ne_s_ecrit_plus_sauf_le_retrait(
    exterieur: Exterieur, methode: str, chemin: str, donnees: Any
) -> None:
    parcours = Parcours("vol")
    parcours.preparer(exterieur.boutique.creer_timbre())
    parcours.reussir("POST", "/demandes/{id}/confirmation", {"attestation": True})

    resultat = parcours.appeler(methode, chemin, donnees, {"If-Match": '"1"'})

    if (methode, chemin) == ("DELETE", "/demandes/{id}"):
        verifier_probleme(resultat, 412)
        assert parcours.reussir("DELETE", "/demandes/{id}")["statut"] == "retiree"
        return
    assert verifier_probleme(resultat, 409)["statut"] == "deposee"


def test_confirmer_deux_fois_sous_la_meme_cle_donne_le_meme_numero(exterieur: Exterieur) -> None:
    parcours = Parcours("expiration")
    parcours.preparer()
    cle = {"Idempotency-Key": "cle-1", "If-Match": parcours.appeler("GET", "/demandes/{id}").entetes["etag"]}
    reponses = [parcours.appeler("POST", "/demandes/{id}/confirmation", {"attestation": True}, cle) for _ in range(2)]
    assert [reponse.statut for reponse in reponses] == [202, 202]
    assert reponses[0].corps == reponses[1].corps


def test_ouvrir_deux_fois_un_achat_sous_la_meme_cle_donne_le_meme_achat(exterieur: Exterieur) -> None:
    parcours = Parcours("vol")
    cle = {"Idempotency-Key": "cle-1", "If-Match": '"1"'}
    reponses = [parcours.appeler("POST", "/demandes/{id}/paiement", {"url_retour": "/"}, cle) for _ in range(2)]
    assert [reponse.statut for reponse in reponses] == [201, 201]
    assert reponses[0].corps == reponses[1].corps
    assert len(exterieur.boutique.achats) == 1


@pytest.mark.parametrize(
    ("methode", "chemin", "donnees"),
    [
        ("PUT", "/demandes/{id}/photo-signature", {"mode": "numerique", "code": "A" * 22}),
        ("PUT", "/demandes/{id}/paiement", {"numero_timbre": "1" * 16}),
        ("POST", "/demandes/{id}/paiement", {"url_retour": "/"}),
    ],
)
def test_un_systeme_exterieur_en_panne_se_dit_et_quand_revenir(
    exterieur: Exterieur, methode: str, chemin: str, donnees: dict[str, Any]
) -> None:
    parcours = Parcours("vol")
    exterieur.photos.en_panne = exterieur.boutique.en_panne = True
    resultat = parcours.appeler(methode, chemin, donnees)
    verifier_probleme(resultat, 503)
    assert int(resultat.entetes["retry-after"]) > 0


@pytest.mark.parametrize("etat", ["valide", "en_activation", "inconnu", "deja_utilise", "expire"])
def test_l_etat_du_code_photo_se_voit_dans_l_etape(exterieur: Exterieur, etat: Any) -> None:
    parcours = Parcours("vol")
    code = exterieur.photos.creer(etat)
    ecrite = parcours.reussir("PUT", "/demandes/{id}/photo-signature", {"mode": "numerique", "code": code})
    etape = ecrite["etapes"]["photo_signature"]
    assert etape["donnees"] == {"mode": "numerique", "code": code, "etat": etat}
    assert etape["etat"] == ("complete" if etat in ("valide", "en_activation") else "a_revoir")


def test_une_panne_de_notre_fait_est_un_probleme_avec_sa_reference_et_sans_donnee_d_identite(
    exterieur: Exterieur, journal: StringIO
) -> None:
    """A stored item that no model accepts any more: nothing typed may reach the answer or the log."""
    parcours = Parcours("vol")
    clients.client("dynamodb").update_item(
        TableName="permis-demandes",
        Key={"id": {"S": parcours.id}, "element": {"S": "DEMANDE"}},
        UpdateExpression="SET etat_civil = :inconnu",
        ExpressionAttributeValues={":inconnu": {"M": {"nom_naissance": {"S": "CORNEILLE-SECRET"}}}},
    )

    resultat = parcours.appeler("GET", "/demandes/{id}", entetes={"X-Correlation-Id": "reference-du-test"})

    assert "reference-du-test" in verifier_probleme(resultat, 500)["detail"]
    lignes = [json.loads(ligne) for ligne in journal.getvalue().splitlines()]
    panne = next(ligne for ligne in lignes if ligne["message"] == "panne")
    assert (panne["route"], panne["erreur"], panne["correlation_id"]) == (
        "/demandes/{id}",
        "ValidationError",
        "reference-du-test",
    )
    assert any(lieu.startswith("demandes_dynamodb.py:") for lieu in panne["lieux"])
    assert "CORNEILLE-SECRET" not in journal.getvalue() + json.dumps(resultat.corps)


def test_la_reference_de_l_appelant_revient_et_une_mauvaise_est_remplacee(dehors: Exterieur) -> None:
    for envoyee, gardee in (("abcd-1234-efgh", True), ("court", False), ("x" * 65, False), ("a b c d e f", False)):
        recue = appeler("GET", "/motifs", entetes={"X-Correlation-Id": envoyee}).entetes["x-correlation-id"]
        assert (recue == envoyee) == gardee


@pytest.mark.parametrize(
    ("methode", "chemin", "entetes", "statut", "titre"),
    [
        ("PATCH", "/demandes/{id}", {}, 405, "Méthode non prévue"),
        ("PUT", "/demandes/{id}/motif", {"Content-Type": "text/plain"}, 415, "Type de contenu refusé"),
    ],
)
def test_une_methode_ou_un_type_imprevus_sont_des_problemes_aussi(
    dehors: Exterieur, methode: str, chemin: str, entetes: dict[str, str], statut: int, titre: str
) -> None:
    resultat = appeler(methode, chemin, {"id": ID}, {"motif": "vol"}, PIERRE, entetes)
    assert (resultat.statut, resultat.entetes["content-type"]) == (statut, "application/problem+json")
    assert (resultat.corps["status"], resultat.corps["title"]) == (statut, titre)


def test_la_liste_se_lit_par_pages_et_ne_montre_que_les_siennes(exterieur: Exterieur) -> None:
    Parcours("vol", PAUL)
    siennes = [Parcours("perte").id for _ in range(27)]
    vues: list[str] = []
    requete: dict[str, str] | None = None
    while True:
        page = appeler("GET", "/demandes", None, None, PIERRE, requete=requete).corps
        vues += [ligne["id"] for ligne in page["elements"]]
        if page["curseur"] is None:
            break
        requete = {"curseur": page["curseur"]}
    assert sorted(vues) == sorted(siennes)


@pytest.mark.parametrize("curseur", ["x", "é", "YQ==", "Lw==", "!!!!", "x" * 5000])
def test_un_curseur_qui_n_est_pas_le_notre_est_refuse(dehors: Exterieur, curseur: str) -> None:
    probleme = verifier_probleme(appeler("GET", "/demandes", None, None, PIERRE, requete={"curseur": curseur}), 422)
    assert [erreur["champ"] for erreur in probleme["erreurs"]] == ["curseur"]


def test_un_fichier_refuse_dit_pourquoi_et_peut_se_remplacer(exterieur: Exterieur) -> None:
    parcours = Parcours("vol")
    parcours.deposer_fichier(b"Ceci n'est pas une image." * 50)
    controle = parcours.reussir("POST", "/demandes/{id}/pieces/{piece_id}/controle")
    assert (controle["statut"], controle["pages"]) == ("invalide", 0)
    assert [anomalie["code"] for anomalie in controle["anomalies"]] == ["format_non_accepte"]
    assert parcours.reussir("GET", "/demandes/{id}/pieces/{piece_id}/controle") == controle
    verifier_probleme(parcours.appeler("GET", "/demandes/{id}/pieces/{piece_id}"), 409)

    assert parcours.appeler("DELETE", "/demandes/{id}/pieces/{piece_id}").statut == 204
    verifier_probleme(parcours.appeler("GET", "/demandes/{id}/pieces/{piece_id}/controle"), 404)
    parcours.deposer_fichier(image("PNG"))
    assert parcours.reussir("POST", "/demandes/{id}/pieces/{piece_id}/controle")["statut"] == "valide"
    consultee = parcours.reussir("GET", "/demandes/{id}/pieces/{piece_id}")
    assert consultee["pages"] == [consultee["url"]]
