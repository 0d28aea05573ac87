/**
 * « Mot de passe oublié », on both sites: a code by mail, then the code with a second proof (the secret answer, or a code by SMS when it
 * is lost too) and the new password. The page says the same whether the account exists or not.
 */
import { appeler } from "../api.js";
import { charge, trouver } from "../dom.js";
import { aLEnvoi, effacerErreurs } from "../formulaire.js";
import { CONNEXION } from "../session.js";
import { preparerAntiRobot } from "./anti-robot.js";
import { allerDire, direFait, identifiantRetenu, retenirIdentifiant } from "./comptes.js";

const demande = trouver("#demande-code");
const nouveau = trouver("#nouveau");
const avecPreuve = preparerAntiRobot(demande);
trouver("#identifiant").value = identifiantRetenu();

aLEnvoi(
  demande,
  async (saisi) => {
    await avecPreuve((anti_robot) => appeler("POST", "/api/comptes/mot-de-passe-oublie", { corps: { ...saisi, anti_robot }, anonyme: true }));
    return saisi;
  },
  ({ identifiant, reponse_perdue = false }) => {
    retenirIdentifiant(identifiant);
    trouver("[data-identifiant]").textContent = identifiant;
    trouver("[data-identifiant-gestionnaire]").value = identifiant;
    exiger("reponse", "#reponse-secrete", !reponse_perdue);
    exiger("sms", "#code-sms", reponse_perdue);
    nouveau.reset();
    trouver("[data-identifiant-gestionnaire]").value = identifiant;
    demande.hidden = true;
    nouveau.hidden = false;
    direFait("Regardez vos courriels", reponse_perdue ? "Si ce compte existe, un code part par courriel et un autre par SMS." : "Si ce compte existe, un code y arrive dans la minute. Pensez aux courriers indésirables.");
  },
);

/** One second proof or the other: the one that is asked is mandatory, and the other not on the page. */
function exiger(preuve, champ, oui) {
  trouver(`[data-preuve="${preuve}"]`).hidden = !oui;
  const entree = trouver(champ);
  entree.required = oui;
  entree.dataset.manque = trouver("#code").dataset.manque;
}

trouver("[data-recommencer]").addEventListener("click", () => {
  effacerErreurs(nouveau);
  trouver("[data-fait]").hidden = true;
  nouveau.hidden = true;
  demande.hidden = false;
  trouver("#identifiant").focus();
});

aLEnvoi(
  nouveau,
  (saisi) => appeler("POST", "/api/comptes/mot-de-passe", { corps: { ...saisi, identifiant: trouver("[data-identifiant]").textContent }, anonyme: true }),
  () => allerDire(CONNEXION, "Votre mot de passe est changé", "Connectez-vous avec le nouveau. Toutes les sessions ouvertes ailleurs sont terminées."),
);
charge();
