"""Make the development environment (``.venv``) when it is missing or out of date, or say in one sentence what lacks.

Runs with whatever ``python3`` the machine has, before anything is installed: standard library only, and a syntax that
an old Python can read up to the sentence that refuses it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time

RACINE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(RACINE, ".venv")
LISTES = ("requirements.txt", "requirements-dev.txt", "contraintes.txt")
MINIMUM = (3, 11)
DISQUE_MIN = 2 * 1024**3


def main():
    # type: () -> int
    """Return 0 when the environment is ready."""
    if sys.version_info < MINIMUM:
        _relayer()
        return _refuser(
            "Python 3.11 ou plus récent est nécessaire ; celui-ci est %d.%d (%s)."
            % (sys.version_info[0], sys.version_info[1], sys.executable)
        )
    temoin = os.path.join(VENV, ".pret")
    empreinte = _empreinte()
    if os.path.exists(temoin) and _lire(temoin) == empreinte:
        return 0
    if shutil.disk_usage(RACINE).free < DISQUE_MIN:
        return _refuser("Il faut 2 Go libres sur le disque de %s." % RACINE)
    debut = time.time()
    python = os.path.join(VENV, "bin", "python")
    if not os.path.exists(python):
        print("environnement : création de .venv…", flush=True)
        try:
            import ensurepip  # noqa: F401
            import venv
        except ImportError:
            return _refuser("Le module venv de Python manque : installez-le (sous Debian : apt install python3-venv).")
        venv.create(VENV, with_pip=True)
    print("environnement : installation des paquets (une à trois minutes la première fois)…", flush=True)
    if not _installer(python):
        return _refuser("L'installation des paquets a échoué (voir ci-dessus) : le réseau est-il accessible ?")
    with open(temoin + ".partiel", "w") as ecrit:
        ecrit.write(empreinte)
    os.rename(temoin + ".partiel", temoin)
    print("environnement : prêt en %.0f s" % (time.time() - debut), flush=True)
    return 0


def _installer(python):
    # type: (str) -> bool
    """Run pip, tell where it is every ten packages, and show what it said when it fails."""
    commande = [python, "-m", "pip", "install", "--disable-pip-version-check", "-r", "requirements-dev.txt"]
    pip = subprocess.Popen(
        commande, cwd=RACINE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    dit, trouves = [], 0
    for ligne in pip.stdout or ():
        dit.append(ligne)
        if ligne.startswith(("Collecting ", "Requirement already satisfied")):
            trouves += 1
            if trouves % 10 == 0:
                print("environnement : %d paquets trouvés…" % trouves, flush=True)
        elif ligne.startswith("Installing collected"):
            print("environnement : écriture de %d paquets…" % trouves, flush=True)
    if pip.wait():
        sys.stderr.writelines(dit[-30:])
    return pip.returncode == 0


def _relayer():
    # type: () -> None
    """Start again with a recent Python of this machine, if it has one that works."""
    for mineure in (13, 12, 11):
        autre = shutil.which("python3.%d" % mineure)
        if autre and subprocess.call([autre, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(autre, [autre, os.path.abspath(__file__)])


def _empreinte():
    # type: () -> str
    somme = hashlib.sha256()
    couches = sorted(os.listdir(os.path.join(RACINE, "infra", "couches")))
    for liste in LISTES + tuple(os.path.join("infra", "couches", couche) for couche in couches):
        somme.update(_lire(os.path.join(RACINE, liste)).encode())
    return somme.hexdigest()


def _lire(chemin):
    # type: (str) -> str
    with open(chemin) as lu:
        return lu.read()


def _refuser(phrase):
    # type: (str) -> int
    sys.stderr.write(phrase + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
