"""What a dossier says of its suspensions, old beside new, and what stays the usager's own until he submits it."""

from datetime import timedelta
from typing import Any

from chalicelib.demande.complement import completer, corrigee, repondre
from chalicelib.demande.dossier import Dossier, SuspensionVue, dossier, pieces_du_dossier
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Adresse, Demande, Element, Piece, Statut, StatutPiece
from chalicelib.demande.suspension import corriger, lever, suspendre
from chalicelib.demande.vie import passer
from tests.agents import en_cours
from tests.dossiers import (
    ADRESSE,
    DEMANDE_ID,
    JOUR_S,
    MAINTENANT,
    NUMERO_TIMBRE,
    USAGER,
    piece,
    pieces_de,
    timbre_reserve,
)
from tests.fakes.demandes import FakeDemandes

AGNES = Auteur("agent", "agnes")
PIERRE = Auteur("usager", USAGER)
NOUVELLE = piece("domicile", 8, empreinte="b" * 64)
VOIE = "adresse.nom_voie"


class Vie:
    """A demande that goes from an agent to its usager and back."""

    def __init__(self) -> None:
        self.demandes = FakeDemandes()
        demande = en_cours()
        self.demandes.creer(demande)
        self.domicile = next(p.piece_id for p in pieces_de(demande) if p.type == "domicile")
        for une in pieces_de(demande):
            self.demandes.ajouter_piece(une)
        self.pas = 0

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    @property
    def pieces(self) -> list[Piece]:
        return self.demandes.lire_avec_pieces(DEMANDE_ID)[1]

    def ecrire(self, changement: Changement | None) -> None:
        assert changement is not None
        self.demandes.transiter(self.demande, changement)

    def maintenant(self) -> Any:
        self.pas += 1
        return MAINTENANT + timedelta(minutes=self.pas)

    def suspendre(self, message: str = "Justifiez votre domicile.") -> None:
        vises = [Element(cible=self.domicile, motif="expiree"), Element(cible=VOIE, motif="inexacte")]
        self.ecrire(
            suspendre(
                self.demande, self.pieces, vises, message, None, AGNES, "Agnès", self.maintenant(), "corr", JOUR_S
            )
        )

    def repondre(self) -> None:
        """The usager corrects his street and sends another proof, without submitting them."""
        saisie = Adresse.model_validate({**ADRESSE, "nom_voie": "du Palais"})
        suspension = repondre(self.demande, "adresse", saisie, self.maintenant())
        self.demandes.toutes[DEMANDE_ID] = self.demande.model_copy(update={"suspension": suspension})
        self.demandes.ajouter_piece(NOUVELLE)

    def completer(self) -> None:
        self.ecrire(
            completer(
                self.demande,
                corrigee(self.demande),
                self.pieces,
                None,
                PIERRE,
                self.maintenant(),
                "corr",
                JOUR_S,
                encore_la=True,
            )
        )

    def ouvrir(self) -> Dossier:
        closes = self.demandes.suspensions_closes(DEMANDE_ID)
        return dossier(
            self.demande, self.pieces, closes, [], ("inconnu", None), "Préfecture", "agnes", MAINTENANT, JOUR_S, None
        )

    def suspensions(self) -> list[SuspensionVue]:
        return self.ouvrir().suspensions


def test_une_suspension_ouverte_dit_ce_qui_est_demande_et_la_valeur_actuelle() -> None:
    vie = Vie()
    assert vie.suspensions() == []
    vie.suspendre()
    (ouverte,) = vie.suspensions()
    assert (ouverte.issue, ouverte.rang, ouverte.par_nom, ouverte.close_le) == ("ouverte", 1, "Agnès", None)
    assert ouverte.message == "Justifiez votre domicile."
    domicile, voie = ouverte.elements
    assert domicile.libelle.startswith("Justificatif de domicile") and domicile.raison.startswith("document périmé")
    assert (domicile.avant, domicile.apres) == (vie.domicile, None)
    assert (voie.libelle, voie.avant, voie.apres) == ("Nom de la voie", "de la Poste", None)


def test_ce_que_l_usager_prepare_reste_a_lui_tant_qu_il_ne_l_a_pas_soumis() -> None:
    vie = Vie()
    vie.suspendre()
    vie.repondre()
    vu = vie.ouvrir()
    assert "du Palais" not in vu.model_dump_json()
    assert NOUVELLE.piece_id not in [p.piece_id for p in vu.pieces]
    assert vu.suspensions[0].elements[1].apres is None


def test_le_complement_montre_l_ancien_a_cote_du_nouveau() -> None:
    vie = Vie()
    vie.suspendre()
    vie.repondre()
    vie.completer()
    vu = vie.ouvrir()
    (close,) = vu.suspensions
    assert (close.issue, close.close_le) == ("complement", ecrire(MAINTENANT + timedelta(minutes=3)))
    domicile, voie = close.elements
    assert (domicile.avant, domicile.apres) == (vie.domicile, [NOUVELLE.piece_id])
    assert (voie.avant, voie.apres) == ("de la Poste", "du Palais")
    ancienne, nouvelle = [p for p in vu.pieces if p.type == "domicile"]
    assert (ancienne.statut, ancienne.courante, ancienne.remplacee_par) == ("remplacee", False, [NOUVELLE.piece_id])
    assert (nouvelle.piece_id, nouvelle.courante, nouvelle.remplacee_par) == (NOUVELLE.piece_id, True, [])
    assert ancienne.refus == "document périmé ou trop ancien"


def test_corrigee_puis_levee_une_suspension_garde_ses_deux_messages() -> None:
    vie = Vie()
    vie.suspendre("Premier message.")
    vises = [Element(cible=VOIE, motif="inexacte")]
    corrigee_ = corriger(
        vie.demande, vie.pieces, vises, "Second message.", None, AGNES, vie.maintenant(), "corr", JOUR_S
    )
    vie.ecrire(corrigee_)
    assert [(s.issue, s.message) for s in vie.suspensions()] == [
        ("corrigee", "Premier message."),
        ("ouverte", "Second message."),
    ]
    vie.ecrire(lever(vie.demande, AGNES, vie.maintenant(), "corr", JOUR_S, encore_la=True))
    assert [(s.issue, s.message) for s in vie.suspensions()] == [
        ("corrigee", "Premier message."),
        ("levee", "Second message."),
    ]
    assert [p.courante for p in vie.ouvrir().pieces if p.type == "domicile"] == [True]


def test_une_demande_finie_suspendue_garde_ce_qui_lui_etait_demande() -> None:
    vie = Vie()
    vie.suspendre()
    vie.demandes.timbres[NUMERO_TIMBRE] = timbre_reserve()
    fin = Statut.CLASSEE_SANS_SUITE
    vie.ecrire(passer(vie.demande, "DemandeClasseeSansSuite", AGNES, MAINTENANT, "corr", jour_s=JOUR_S, vers=fin))
    (derniere,) = vie.suspensions()
    assert (derniere.issue, derniere.close_le) == ("sans_reponse", None)


def test_une_suspension_finie_par_un_retrait_n_est_pas_dite_sans_reponse() -> None:
    vie = Vie()
    vie.suspendre()
    vie.demandes.timbres[NUMERO_TIMBRE] = timbre_reserve()
    fin = Statut.RETIREE
    vie.ecrire(passer(vie.demande, "DemandeRetiree", PIERRE, MAINTENANT, "corr", jour_s=JOUR_S, vers=fin))
    assert [suspension.issue for suspension in vie.suspensions()] == ["retiree"]


def test_les_pieces_se_lisent_par_type_dans_l_ordre_de_l_etape_les_plus_recentes_ensuite() -> None:
    demande = en_cours()
    autres = [piece("domicile", 9, StatutPiece.REMPLACEE), piece("identite", 8, StatutPiece.REMPLACEE)]
    vues = pieces_du_dossier(demande, [*autres, *reversed(pieces_de(demande))])
    assert [(p.type, p.rang) for p in vues] == [("identite", 1), ("identite", 8), ("domicile", 2), ("domicile", 9)]
