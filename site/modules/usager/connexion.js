/** « Accéder à mon compte ». */
import { Probleme } from "../api.js";
import { charge, trouver } from "../dom.js";
import { aLEnvoi } from "../formulaire.js";
import { fermerSession, ouvrirSession, pageDeRetour, session } from "../session.js";
import { direCeQuiEstFait, identifiantRetenu, oublierIdentifiant, retenirIdentifiant } from "../compte/comptes.js";

const formulaire = trouver("#connexion");
const identifiant = trouver("#identifiant");

async function connecter(saisi) {
  try {
    return await ouvrirSession(saisi.identifiant, saisi.mot_de_passe);
  } catch (faute) {
    // The right password of an account that awaits its code: the page of the code will know whose it is.
    if (faute instanceof Probleme && faute.titre === "Compte à activer") retenirIdentifiant(saisi.identifiant);
    throw faute;
  }
}

if (session()) location.replace(pageDeRetour("/demandes/"));
else {
  identifiant.value = identifiantRetenu();
  aLEnvoi(formulaire, connecter, async (ouverte) => {
    oublierIdentifiant();
    if (ouverte.profil === "usager") return location.assign(pageDeRetour("/demandes/"));
    // An agent's account serves on the agents' site only.
    await fermerSession();
    location.assign("/agent/connexion/");
  });
  charge();
  (identifiant.value ? trouver("#mot-de-passe") : identifiant).focus({ preventScroll: true });
  direCeQuiEstFait();
}
