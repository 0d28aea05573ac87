/** « Créer mon compte »: the deck's form, sent once however often the network fails; then the code of the mail. */
import { appeler, nouvelleCle, Probleme } from "../api.js";
import { charge, trouver } from "../dom.js";
import { aLEnvoi, remplir } from "../formulaire.js";
import { preparerAntiRobot } from "../compte/anti-robot.js";
import { retenirIdentifiant } from "../compte/comptes.js";

const formulaire = trouver("#creation");
const avecPreuve = preparerAntiRobot(formulaire);
// One key for one content: what is corrected is another creation.
let cle = nouvelleCle();
formulaire.addEventListener("input", () => (cle = nouvelleCle()));

async function creer(saisi) {
  try {
    return await avecPreuve((anti_robot) => appeler("POST", "/api/comptes", { corps: { ...saisi, anti_robot }, cle, anonyme: true }));
  } catch (faute) {
    if (faute instanceof Probleme && faute.statut === 409) faute.erreurs = [{ champ: "identifiant", message: faute.message }];
    throw faute;
  }
}

remplir(formulaire, { profil: "usager" });
aLEnvoi(formulaire, creer, (compte) => {
  retenirIdentifiant(compte.identifiant);
  location.assign("/compte/activer/");
});
charge();
