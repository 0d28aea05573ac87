/** « Suspendre »: the panel in which what was pointed at becomes a request to the usager, or corrects the one that he has. */
import { tous, trouver } from "../../dom.js";
import { aLEnvoi, effacerErreurs } from "../../formulaire.js";
import { brancherRelire, decider, direFait } from "./decisions.js";
import { designerTout, montrerLesCases } from "./designation.js";

const formulaire = trouver("form[data-suspension]");
const message = trouver("#suspension-message");
message.dataset.manque = "Écrivez un message à l'usager.";
const delai = trouver("#suspension-delai-jours");
/** Whether what is prepared corrects the open suspension; null when nothing is. */
let correction = null;

/** The boxes and the panel appear; what was prepared and abandoned is found again. */
export function preparerLaSuspension({ dossier }, corriger) {
  if (correction !== corriger) {
    correction = corriger;
    const ouverte = corriger ? dossier.suspensions.find(({ issue }) => issue === "ouverte") : null;
    designerTout(ouverte?.elements ?? []);
    message.value = ouverte?.message ?? "";
    delai.value = ouverte?.delai_jours ?? "";
  }
  trouver("[data-designation-titre]").textContent = corriger ? "Corriger le complément demandé" : "Suspendre et demander un complément";
  trouver("[data-designation-envoi]").textContent = corriger ? "Corriger le complément" : "Suspendre la demande";
  montrerLesCases(true);
  trouver("[data-designation-debut]").focus();
}

/** To the message, from wherever one points. @returns whether a suspension is being prepared */
export function allerAuMessage() {
  if (!formulaire.classList.contains("designation")) return false;
  message.focus();
  return true;
}

function fermer() {
  montrerLesCases(false);
  trouver("[data-relire]", formulaire).hidden = true;
  effacerErreurs(formulaire);
}

/** The panel's buttons. */
export function brancherLaSuspension(page) {
  brancherRelire(page, formulaire);
  trouver("[data-designation-abandon]").addEventListener("click", () => {
    fermer();
    tous("[data-actions] button")[0]?.focus();
  });
  aLEnvoi(
    formulaire,
    ({ elements = [], delai_jours, ...reste }) => decider(page, "suspension", { ...reste, elements, ...(delai_jours && { delai_jours: Number(delai_jours) }) }, formulaire, correction ? "PUT" : "POST"),
    async (suite) => {
      const succes = correction ? "Le complément demandé est corrigé." : "La demande a été suspendue.";
      fermer();
      correction = null;
      await page.relire();
      direFait(page, succes, suite);
    },
  );
}
