/**
 * « Activer mon compte », on both sites: the code of the mail, and another one when it did not come. An agent, whose account
 * was opened by his chef, also chooses how he opens it.
 */
import { appeler } from "../api.js";
import { charge, trouver } from "../dom.js";
import { aLEnvoi, effacerErreurs, montrerErreurs } from "../formulaire.js";
import { AGENT, CONNEXION } from "../session.js";
import { preparerAntiRobot } from "./anti-robot.js";
import { allerDire, direFait, identifiantRetenu, retenirIdentifiant } from "./comptes.js";

const activation = trouver("#activation");
const renvoi = trouver("#renvoi");
const identifiant = trouver("#identifiant");
const avecPreuve = preparerAntiRobot(renvoi);
identifiant.value = identifiantRetenu();

aLEnvoi(
  activation,
  (corps) => appeler("POST", "/api/comptes/activation", { corps, anonyme: true }),
  () => {
    retenirIdentifiant(identifiant.value.trim());
    allerDire(CONNEXION, "Votre compte est activé", AGENT ? "Connectez-vous avec le mot de passe que vous venez de choisir." : "Connectez-vous pour commencer votre demande.");
  },
);

aLEnvoi(
  renvoi,
  async () => {
    const nom = identifiant.value.trim();
    if (!nom) return false;
    await avecPreuve((anti_robot) => appeler("POST", "/api/comptes/activation/renvoi", { corps: { identifiant: nom, anti_robot }, anonyme: true }));
    return true;
  },
  (envoye) => {
    if (!envoye) return montrerErreurs(activation, [{ champ: "identifiant", message: "Donnez l'identifiant de votre compte." }]);
    effacerErreurs(activation);
    direFait("Un autre code est parti", "Si ce compte attend son activation, un courriel arrive dans la minute. Le code d'avant ne sert plus.");
  },
);
charge();
(identifiant.value ? trouver("#code") : identifiant).focus({ preventScroll: true });
