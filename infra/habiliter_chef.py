"""Let a chef de service in: ``python -m infra.habiliter_chef identifiant prénom nom courriel téléphone autorité…``.

The first of a service has nobody above him: whoever deploys opens his account, and he his agents'. A mail brings him
the code with which he chooses his password. The same command again changes nothing.
"""

import argparse
import os
import sys
from collections.abc import Iterable

from chalicelib import wiring
from chalicelib.demande.erreurs import ErreurMetier
from chalicelib.demande.instants import ecrire
from chalicelib.http import Identite
from chalicelib.instruction.agents import FicheAgent, habiliter
from chalicelib.saisie import valider_objet

PAR = "Installation du service"
CHAMPS = ("identifiant", "prenom", "nom", "email", "telephone")


def main(arguments: Iterable[str] | None = None) -> int:
    """Open the account; 1, with what to correct, when it may not be."""
    analyse = argparse.ArgumentParser(
        prog="python -m infra.habiliter_chef", description="Habiliter un chef de service."
    )
    for champ in CHAMPS:
        analyse.add_argument(champ)
    analyse.add_argument("autorites", nargs="+", metavar="autorite", help="code autorité d'une préfecture (543)")
    donnees = vars(analyse.parse_args(None if arguments is None else list(arguments)))
    os.environ.setdefault("TABLE_COMPTES", f"{os.environ.get('PREFIXE', 'permis')}-comptes")
    inconnues = [code for code in donnees["autorites"] if not wiring.prefecture_connue(code)]
    if inconnues:
        print(f"autorité inconnue : {', '.join(inconnues)}")
        return 1
    installation = Identite("installation", "", "chef", tuple(donnees["autorites"]))
    quand, contexte = ecrire(wiring.horloge()), wiring.contexte(wiring.nouvel_id())
    try:
        saisie = valider_objet(FicheAgent, donnees)
        chef = habiliter(saisie, "chef", installation, PAR, wiring.habilitations(), quand, contexte)
    except ErreurMetier as refus:
        print(refus.detail)
        for erreur in refus.champs.get("erreurs", []):
            print(f"  {erreur['champ']} : {erreur['message']}")
        return 1
    print(f"{chef.identifiant} : {chef.statut} pour {', '.join(chef.autorites)}, un courriel lui porte son code")
    return 0


if __name__ == "__main__":
    sys.exit(main())
