/** One key, one gesture (listed in /agent/raccourcis/): never while one types, nor when they were turned off there. */
import { trouver } from "../../dom.js";
import { refuser, valider } from "./actions.js";
import { allerAuMessage, preparerLaSuspension } from "./suspension.js";
import { comparer, pageVoisine, pleinePage, tourner, zoomer } from "./visionneuse.js";

const SAISIE = "input:not([type=checkbox]), textarea, select, dialog";

/** Listen to the keys, on the demande of `page`. */
export function brancherLesRaccourcis(page) {
  document.addEventListener("keydown", (evenement) => {
    const { key, target, defaultPrevented, ctrlKey, metaKey, altKey } = evenement;
    if (defaultPrevented || ctrlKey || metaKey || altKey || localStorage.getItem("raccourcis") === "non") return;
    if (target.closest(SAISIE) || !page.dossier) return;
    const geste = gestes(page)[key];
    if (!geste) return;
    evenement.preventDefault();
    geste();
  });
}

function gestes(page) {
  const { statut, agent } = page.dossier.demande;
  const decisions = { v: () => valider(page), s: () => preparerLaSuspension(page, false), r: () => refuser(page) };
  return {
    n: () => pageVoisine(1),
    p: () => pageVoisine(-1),
    "+": () => zoomer(1),
    "-": () => zoomer(-1),
    t: tourner,
    c: comparer,
    f: pleinePage,
    m: () => allerAuMessage() || trouver("#messages-texte").focus(),
    ...(statut === "en_instruction" && (!agent || agent.de_moi) ? decisions : {}),
  };
}
