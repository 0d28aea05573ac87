"""Programs that tests need and that are not Python packages."""

import os
import shutil
import subprocess

import pytest


def trouver(noms: tuple[str, ...], paquet: str, sinon: str) -> str:
    """The path of the first program of ``noms`` that is there. Where all miss, root on Debian installs ``paquet``;
    elsewhere the test fails, and says ``sinon``."""
    for present in filter(None, map(shutil.which, noms)):
        return present
    if os.geteuid() == 0 and shutil.which("apt-get"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for commande in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", paquet)):
            subprocess.run(["apt-get", *commande], env=env, check=True, capture_output=True, timeout=600)
        for installe in filter(None, map(shutil.which, noms)):
            return installe
    pytest.fail(sinon)
