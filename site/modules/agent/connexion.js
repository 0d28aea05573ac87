/** « Connexion des agents ». */
import { appeler, Probleme } from "../api.js";
import { charge, trouver } from "../dom.js";
import { aLEnvoi } from "../formulaire.js";
import { oublierSession, ouvrirSession, pageDeRetour, session } from "../session.js";

async function connecter({ identifiant, mot_de_passe }) {
  const ouverte = await ouvrirSession(identifiant, mot_de_passe);
  if (ouverte.profil !== "usager") return ouverte;
  await appeler("DELETE", "/api/sessions/courante", { sansReprise: true });
  await oublierSession();
  throw new Probleme(403, { title: "Ce site est celui des agents", detail: "Votre compte est celui d'un usager : connectez-vous sur le site Permis de conduire en ligne." });
}

if (session()) location.replace(pageDeRetour("/agent/"));
else {
  aLEnvoi(trouver("#connexion"), connecter, () => location.assign(pageDeRetour("/agent/")));
  charge();
  trouver("#identifiant").focus({ preventScroll: true });
}
