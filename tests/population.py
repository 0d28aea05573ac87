"""Many demandes at every point of their life, as they are stored: made by a seed, the same at each run."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from chalicelib.adapters.dynamo import item
from chalicelib.demande.index import cle_d_etat, cles_de_recherche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Adresse, Demande, EtatCivil, Motif, Statut
from tests.dossiers import ADRESSE, ETAT_CIVIL, MAINTENANT

NOMS = (
    "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Laurent", "Simon",
    "Michel", "Lefèvre", "Leroy", "Roux", "David", "Bertrand", "Morel", "Fournier", "Girard", "Bonnet", "Dupont",
    "Lambert", "Fontaine", "Rousseau", "Vincent", "Müller", "Lefebvre", "Faure", "André", "Mercier", "Blanc", "Guérin",
    "Boyer", "Garnier", "Chevalier", "François", "Legrand", "Gauthier", "Garcia", "Perrin", "Robin", "Clément", "Morin",
    "Nicolas", "Henry", "Roussel", "Mathieu", "Gautier", "Masson", "Marchand", "Duval", "Denis", "Dumont", "Marie",
    "Lemaire", "Noël", "Meyer", "Dufour", "Meunier", "Brun", "Blanchard", "Giraud", "Joly", "Rivière", "Lucas",
    "de La Tour", "D'Arcy", "L'Hermitte", "Saint-Martin", "Œuvrard", "Le Goff", "Corneille", "Menard", "Oger",
)  # fmt: skip
PRENOMS = {
    "F": ("Marie", "Jeanne", "Françoise", "Anne-Marie", "Zoé", "Élise", "Chloé", "Inès", "Léa", "Marie-Hélène"),
    "M": ("Pierre", "Jean", "Jean-Pierre", "Étienne", "Raul", "Antoine", "David", "Loïc", "Noé", "Zacharie"),
}
CODES_POSTAUX = {
    "543": ("54000", "54100", "54500", "88000"),
    "751": ("75001", "75011", "75020"),
    "2A1": ("20000", "20200"),
}
AUTORITES = tuple(CODES_POSTAUX)
BOURRAGE = "x" * 700
"""What else a demande holds, that no index projects."""


def demandes(nombre: int, graine: int = 1, autorites: tuple[str, ...] = AUTORITES) -> Iterator[Demande]:
    """``nombre`` demandes, some of them drafts or not yet in an agent's index."""
    alea = random.Random(graine)
    statuts = [statut for statut in Statut for _ in range(1 if statut in (Statut.BROUILLON, Statut.DEPOSEE) else 3)]
    for rang in range(nombre):
        sexe = alea.choice("FM")
        nom = alea.choice(NOMS) if alea.random() < 0.6 else f"{alea.choice(NOMS)}-{alea.choice(NOMS)}"
        annee, mois, jour = alea.randint(1940, 2008), alea.randint(1, 12), alea.randint(1, 28)
        etat_civil = {
            **ETAT_CIVIL,
            "nom_naissance": nom,
            "nom_usage": alea.choice(NOMS) if alea.random() < 0.25 else None,
            "sexe": sexe,
            "prenoms": alea.sample(PRENOMS[sexe], alea.choice((1, 1, 2, 3))),
            "date_naissance": f"{annee}" if alea.random() < 0.01 else f"{annee}-{mois:02d}-{jour:02d}",
            "numero_dossier": f"{alea.randint(10000, 99999)}A{rang % 9000 + 1000}" if alea.random() < 0.3 else None,
        }
        autorite = alea.choice(autorites)
        adresse = {**ADRESSE, "prefecture": autorite, "code_postal": alea.choice(CODES_POSTAUX[autorite])}
        deposee = MAINTENANT - timedelta(days=alea.uniform(0, 900))
        modifiee = deposee + alea.random() * (MAINTENANT - deposee)
        yield Demande.model_construct(
            id=f"{alea.getrandbits(128):032x}",
            usager="compte",
            statut=alea.choice(statuts),
            motif=alea.choice(tuple(Motif)),
            cree_le=ecrire(deposee),
            modifie_le=ecrire(modifiee),
            deposee_le=ecrire(deposee),
            numero=str(alea.randrange(10**22, 10**23)),
            etat_civil=EtatCivil.model_construct(**etat_civil),
            adresse=Adresse.model_construct(**adresse),
        )


def stockee(demande: Demande) -> dict[str, Any]:
    """The item of ``demande``: a draft, or one just deposited, has no search key."""
    simples = ("id", "usager", "statut", "motif", "cree_le", "modifie_le")
    valeurs = {nom: getattr(demande, nom) for nom in simples} | {"element": "DEMANDE", "reste": BOURRAGE}
    if demande.statut is not Statut.BROUILLON:
        valeurs |= {"numero": demande.numero, "deposee_le": demande.deposee_le}
        if demande.statut is not Statut.DEPOSEE:
            valeurs |= cles_de_recherche(demande)
            valeurs["autorite_le"] = cle_d_etat(valeurs["autorite"], demande.modifie_le)
    return item(valeurs)
