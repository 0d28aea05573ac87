"""The HTML part of mails: it says what the text says, to everybody, and takes nobody anywhere else."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.notifications import Courriel
from chalicelib.notifications.messages import MAILS
from chalicelib.notifications.mise_en_page import Lien, Titre, Valeur, en_html, en_texte
from chalicelib.notifications.textes_comptes import MAILS as DE_COMPTE
from tests.unit.notifications.test_messages import SITE, demande, dossier

PAPIER = demande().model_copy(update={"origine": "papier"})
OFFICIELS = {"https://www.telerecours.fr"}
SANS_FERMETURE = {"meta"}
# Where each mail takes its reader; the others are about a demande, whose follow-up they show.
PAGES = {
    "CodeActivation": ["/compte/activer/"],
    "CompteDejaExistant": ["/compte/mot-de-passe-oublie/"],
    "IdentifiantOublie": ["/compte/connexion/"],
    "CodeMotDePasse": ["/compte/mot-de-passe-oublie/"],
    "MotDePasseModifie": ["/compte/mot-de-passe-oublie/"],
    "CodeEmail": ["/compte/"],
    "CoordonneesModifiees": ["/compte/mot-de-passe-oublie/"],
    "CompteFerme": [],
    "CompteInutilise": ["/compte/connexion/"],
    "CompteInutiliseFerme": ["/compte/creer/"],
    "HabilitationOuverte": ["/compte/activer/"],
    "HabilitationModifiee": ["/agent/"],
    "HabilitationFermee": [],
    "BrouillonRappele": ["/demandes/"],
    "PhotoTardive": ["/demande/motif/"],
    "DemandeSuspendue": ["/demande/complement/#d1"],
    "SuspensionCorrigee": ["/demande/complement/#d1"],
    "ComplementRappele": ["/demande/complement/#d1"],
    "ContactRemplace": ["/demande/messages/#d1", "/compte/mot-de-passe-oublie/"],
    "MessageAgent": ["/demande/messages/#d1"],
    "TitreDistribue": ["/demande/messages/#d1"],
    "AdresseConfirmee": ["/demande/messages/#d1"],
    "DemandeRetiree": [],
    "DemandeClasseeSansSuite": ["/demande/motif/"],
    "TimbreConserve": [],
}
# Those of a dossier on paper that its agent reads.
DE_L_AGENT = {"BrouillonRappele", "DemandeClasseeSansSuite"}


class Page(HTMLParser):
    """What a mail client makes of an HTML part; fails on a tag that is not closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.balises: list[tuple[str, dict[str, str | None]]] = []
        self.textes: list[str] = []
        self._ouvertes: list[str] = []
        self._blocs: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert self._ouvertes == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.balises.append((tag, dict(attrs)))
        if tag not in SANS_FERMETURE:
            self._ouvertes.append(tag)
            self._blocs.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._ouvertes.pop() == tag

    def handle_data(self, data: str) -> None:
        if "main" in self._ouvertes:
            self.textes.append(data)
        for balise in self._ouvertes:
            self._blocs[balise][-1] += data

    def contenus(self, balise: str) -> list[str]:
        """The text of each ``balise``."""
        return self._blocs.get(balise, [])

    @property
    def texte(self) -> str:
        """All that is read, its spaces made one."""
        return " ".join("".join(self.textes).split())

    @property
    def liens(self) -> list[str]:
        return [str(attributs["href"]) for balise, attributs in self.balises if balise == "a"]


def courriels() -> list[tuple[str, Courriel]]:
    cas = (dossier(), dossier(a_activer=True), dossier(demande=PAPIER))
    return [(type_, courriel) for type_, ecrire in sorted(MAILS.items()) for ici in cas if (courriel := ecrire(ici))]


def ecrit(type_: str, **changements: object) -> Courriel:
    courriel = MAILS[type_](dossier(**changements))
    assert courriel is not None
    return courriel


def chemins(courriel: Courriel) -> list[str]:
    """Where its links to our site go."""
    liens = [lien for lien in Page(courriel.html).liens if lien not in OFFICIELS]
    assert all(lien.startswith(SITE.rstrip("/") + "/") for lien in liens)
    return [lien.removeprefix(SITE.rstrip("/")) for lien in liens]


@pytest.mark.parametrize(("type_", "courriel"), courriels())
def test_le_html_dit_tout_ce_que_dit_le_texte(type_: str, courriel: Courriel) -> None:
    page = Page(courriel.html)

    for ligne in filter(None, courriel.texte.split("\n")):
        libelle, separateur, url = ligne.partition(f" : {SITE.rstrip('/')}/")
        if separateur:
            assert libelle in page.contenus("a")
            assert SITE.rstrip("/") + "/" + url in page.liens
        else:
            assert " ".join(ligne.removeprefix("- ").split()) in page.texte


@pytest.mark.parametrize(("type_", "courriel"), courriels())
def test_le_html_a_sa_langue_son_titre_et_ses_listes(type_: str, courriel: Courriel) -> None:
    page = Page(courriel.html)
    attributs = dict(page.balises)

    assert courriel.html.startswith("<!DOCTYPE html>\n")
    assert attributs["html"]["lang"] == attributs["main"]["lang"] == "fr"
    assert page.contenus("title") == page.contenus("h1") == [courriel.objet]
    assert len(page.contenus("li")) == len(re.findall(r"^- ", courriel.texte, re.MULTILINE))
    assert "" not in [texte.strip() for balise in ("p", "li", "h2", "a") for texte in page.contenus(balise)]


@pytest.mark.parametrize(("type_", "courriel"), courriels())
def test_le_html_ne_charge_rien_et_ne_suit_personne(type_: str, courriel: Courriel) -> None:
    page = Page(courriel.html)

    assert {balise for balise, _ in page.balises} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "div"),
        *("h1", "h2", "p", "ul", "li", "a", "strong"),
    }
    assert {nom for _, attributs in page.balises for nom in attributs} <= {
        *("lang", "charset", "name", "content", "style", "href"),
    }
    assert "url(" not in courriel.html
    assert all(urlsplit(lien).scheme == "https" and not urlsplit(lien).query for lien in page.liens)


@pytest.mark.parametrize("type_", sorted(MAILS))
def test_chaque_courriel_ouvre_la_page_ou_agir(type_: str) -> None:
    assert chemins(ecrit(type_)) == PAGES.get(type_, ["/demande/suivi/#d1"])


@pytest.mark.parametrize("type_", sorted(set(MAILS) - set(DE_COMPTE)))
def test_un_dossier_papier_n_a_pas_de_lien_vers_un_compte(type_: str) -> None:
    courriel = ecrit(type_, demande=PAPIER.model_copy(update={"numero": None} if type_ in DE_L_AGENT else {}))

    assert chemins(courriel) == (["/agent/"] if type_ in DE_L_AGENT else [])


def test_un_agent_ouvre_son_compte_dans_son_espace() -> None:
    menent = {type_: chemins(ecrit(type_, agent=True, demande=None)) for type_ in DE_COMPTE}
    assert menent["HabilitationOuverte"] == menent["CodeActivation"] == ["/agent/activer/"]
    assert menent["CodeMotDePasse"] == menent["MotDePasseModifie"] == ["/agent/mot-de-passe-oublie/"]
    assert menent["IdentifiantOublie"] == ["/agent/connexion/"]


def test_un_compte_a_activer_mene_a_son_activation() -> None:
    assert chemins(ecrit("CompteDejaExistant", a_activer=True)) == ["/compte/activer/"]


def test_ce_qui_se_recopie_est_mis_en_valeur() -> None:
    assert Page(ecrit("CodeActivation").html).contenus("strong") == ["p.corneille", "042917"]
    assert Page(ecrit("TitreExpedie").html).contenus("strong")[1] == "8R12345678901"
    assert Page(ecrit("DemandeDeposee").html).contenus("strong") == ["n° 12441542134215461243643"]
    assert "avant le 31 décembre 2026" in Page(ecrit("DemandeSuspendue").html).contenus("strong")


def test_les_titres_annoncent_ce_qui_les_suit() -> None:
    assert Page(ecrit("DemandeSuspendue").html).contenus("h2") == ["Pour répondre"]
    assert Page(ecrit("DemandeRefusee").html).contenus("h2") == ["Si vous contestez cette décision"]


def test_le_tribunal_a_son_lien() -> None:
    assert "https://www.telerecours.fr" in Page(ecrit("DemandeRefusee").html).liens


@pytest.mark.parametrize(
    "ailleurs",
    [
        "https://pirate.example/",
        "https://www.telerecours.fr.pirate.example/",
        "https://www.telerecours.fr@pirate.example/",
        "https://www.telerecours.fr/x",
        "javascript:alert(1)",
    ],
)
def test_une_adresse_inconnue_reste_du_texte(ailleurs: str) -> None:
    page = Page(en_html("Objet", [f"Voir {ailleurs} vite."]))

    assert page.liens == []
    assert ailleurs in page.texte


@pytest.mark.parametrize("piege", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&lt;b&gt; ' </p>"])
def test_ce_qui_vient_d_ailleurs_est_montre_comme_du_texte(piege: str) -> None:
    suivie = demande().model_copy(update={"numero_suivi": piege, "numero": piege})
    mails = [ecrit("CodeActivation", identifiant=piege, code=piege), ecrit("TitreExpedie", demande=suivie)]

    for html in (
        *(mail.html for mail in mails),
        en_html(
            piege, [piege, f"- {piege}", Titre(piege), Valeur(piege, piege), Lien(piege, f"https://x.example/{piege}")]
        ),
    ):
        page = Page(html)
        assert {balise for balise, _ in page.balises}.isdisjoint({"script", "img", "b"})
        assert all("onerror" not in attributs for _, attributs in page.balises)
        assert piege in page.texte


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1), min_size=1))
def test_un_texte_quelconque_se_lit_en_entier_dans_les_deux_parties(lignes: list[str]) -> None:
    page = Page(en_html("Objet", ["\n".join(lignes)]))

    assert "\n".join(lignes) in en_texte(["\n".join(lignes)])
    assert page.liens == []
    lus = [*page.contenus("p"), *page.contenus("li")]
    assert all(ligne.removeprefix("- ") in lus for ligne in lignes)
