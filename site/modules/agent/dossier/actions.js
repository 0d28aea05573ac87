/** What the agent may do of the demande in its present statut: each action, its words, its dialog. */
import { appeler, Probleme } from "../../api.js";
import { h, remplacer, trouver } from "../../dom.js";
import { aLEnvoi } from "../../formulaire.js";
import { QUI_TRAITE } from "../../referentiel.js";
import { ouvrirDialogue } from "../../session.js";
import { direLaFaute } from "../commun.js";
import { brancherRelire, decider, direFait } from "./decisions.js";
import { preparerLaSuspension } from "./suspension.js";

/** The buttons, the first one being what one does most; a colleague's demande is only read. */
export function montrerLesActions(page) {
  const { statut, agent } = page.dossier.demande;
  const possibles = [];
  if (!agent && QUI_TRAITE[statut]?.includes("agent")) possibles.push(["Prendre en charge", () => agir(page, "POST", "prise-en-charge", "Demande prise en charge.")]);
  if (!agent || agent.de_moi) possibles.push(...decisionsDe(page, statut));
  if (agent?.de_moi) possibles.push(["Rendre", () => agir(page, "DELETE", "prise-en-charge", "Demande rendue.")]);
  const boutons = possibles.map(([mots, faire], rang) => h("button", { class: `fr-btn ${rang ? "fr-btn--secondary " : ""}fr-btn--sm`, type: "button", onclick: faire }, mots));
  const relire = h("button", { class: "fr-btn fr-btn--tertiary fr-btn--sm", type: "button", onclick: () => page.relire().then(() => page.avis("info", "Dossier relu."), direLaFaute) }, "Relire le dossier");
  remplacer(trouver("[data-actions]"), possibles.length === 0 && !agent && h("p", { class: "fr-mb-0" }, "Aucune action n'est possible dans cet état."), boutons, relire);
}

function decisionsDe(page, statut) {
  return (
    {
      en_instruction: [
        ["Valider", () => valider(page)],
        ["Suspendre", () => preparerLaSuspension(page, false)],
        ["Refuser", () => refuser(page)],
      ],
      suspendue: [
        ["Corriger la suspension", () => preparerLaSuspension(page, true)],
        ["Lever la suspension", () => agir(page, "POST", "levee", "Suspension levée.", page.dossier.demande.version)],
      ],
      non_distribuee: [["Réexpédier", () => ouvrir(page, "reexpedition", "Titre réexpédié.")]],
    }[statut] ?? []
  );
}

/** An action without a form; the dossier is read again when it is done, and when it is refused because it has moved. */
async function agir(page, methode, action, succes, version) {
  try {
    const suite = await appeler(methode, `${page.chemin}/${action}`, { version });
    await page.relire();
    direFait(page, succes, suite);
  } catch (faute) {
    // What may be done now is not what the buttons offer; without an answer to that, they stay.
    if (faute instanceof Probleme && [409, 412].includes(faute.statut)) await page.relire().catch(() => {});
    direLaFaute(faute);
  }
}

/** The form of a decision, in a dialog that stays until it is done or given up. */
function ouvrir(page, nom, succes) {
  const modele = trouver(`template[data-decision="${nom}"]`);
  const formulaire = modele.content.firstElementChild.cloneNode(true);
  const dialogue = ouvrirDialogue(modele.dataset.titre, formulaire);
  brancherRelire(page, formulaire);
  aLEnvoi(
    formulaire,
    (corps) => decider(page, nom, corps, formulaire),
    async (suite) => {
      dialogue.close();
      await page.relire();
      direFait(page, succes, suite);
    },
  );
  return formulaire;
}

/** Rights that the SNPC shows need no word of the agent. */
export function valider(page) {
  const formulaire = ouvrir(page, "validation", "Demande validée.");
  trouver("[data-si-droits-inconnus]", formulaire).hidden = page.dossier.snpc_etat === "trouve";
}

export function refuser(page) {
  ouvrir(page, "refus", "Demande refusée.");
}
