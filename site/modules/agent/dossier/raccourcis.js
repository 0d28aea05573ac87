/** One key, one gesture (../raccourcis-liste.js): never while one types, nor when they were turned off on this device. */
import { trouver } from "../../dom.js";
import { RACCOURCIS, raccourcisActifs } from "../raccourcis-liste.js";
import { refuser, valider } from "./actions.js";
import { allerAuMessage, preparerLaSuspension } from "./suspension.js";
import { comparer, pageVoisine, pleinePage, tourner, zoomer } from "./visionneuse.js";

const SAISIE = "input:not([type=checkbox]), textarea, select, dialog";
const GESTES = {
  suivante: () => pageVoisine(1),
  precedente: () => pageVoisine(-1),
  agrandir: () => zoomer(1),
  reduire: () => zoomer(-1),
  tourner,
  comparer,
  pleinePage,
  message: () => allerAuMessage() || trouver("#messages-texte").focus(),
  valider,
  suspendre: (page) => preparerLaSuspension(page, false),
  refuser,
};

/** Listen to the keys, on the demande of `page`. */
export function brancherLesRaccourcis(page) {
  document.addEventListener("keydown", (evenement) => {
    const { key, target, defaultPrevented, ctrlKey, metaKey, altKey } = evenement;
    if (defaultPrevented || ctrlKey || metaKey || altKey || !raccourcisActifs() || target.closest(SAISIE)) return;
    const raccourci = RACCOURCIS.find(({ touche }) => touche === key);
    if (!raccourci || (raccourci.decision && !decidable(page.dossier.demande))) return;
    evenement.preventDefault();
    GESTES[raccourci.geste](page);
  });
}

const decidable = ({ statut, agent }) => statut === "en_instruction" && (!agent || agent.de_moi);
