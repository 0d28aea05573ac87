/** « Connexion des agents ». */
import { appeler, Probleme } from "../api.js";
import { charge, trouver } from "../dom.js";
import { aLEnvoi } from "../formulaire.js";
import { oublierSession, ouvrirSession, pageDeRetour, session } from "../session.js";
import { direCeQuiEstFait, identifiantRetenu, oublierIdentifiant, retenirIdentifiant } from "../compte/comptes.js";

const identifiant = trouver("#identifiant");

async function connecter(saisi) {
  const ouverte = await ouvrirSession(saisi.identifiant, saisi.mot_de_passe).catch((faute) => {
    // The page of the code, or of another password, will know whose account it is.
    retenirIdentifiant(saisi.identifiant);
    throw faute;
  });
  if (ouverte.profil !== "usager") return ouverte;
  await appeler("DELETE", "/api/sessions/courante", { sansReprise: true });
  await oublierSession();
  throw new Probleme(403, { title: "Ce site est celui des agents", detail: "Votre compte est celui d'un usager : connectez-vous sur le site Permis de conduire en ligne." });
}

if (session()) location.replace(pageDeRetour("/agent/"));
else {
  identifiant.value = identifiantRetenu();
  aLEnvoi(trouver("#connexion"), connecter, () => {
    oublierIdentifiant();
    location.assign(pageDeRetour("/agent/"));
  });
  charge();
  (identifiant.value ? trouver("#mot-de-passe") : identifiant).focus({ preventScroll: true });
  direCeQuiEstFait();
}
