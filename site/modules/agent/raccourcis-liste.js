/** The shortcuts of a dossier, listed once: its keyboard and the page that tells them read them here. */
const CLE = "raccourcis";

/** `geste` names what is done; `decision` is one that the statut must allow. */
export const RACCOURCIS = [
  { touche: "n", geste: "suivante", mots: "page ou pièce suivante" },
  { touche: "p", geste: "precedente", mots: "page ou pièce précédente" },
  { touche: "+", geste: "agrandir", mots: "agrandir" },
  { touche: "-", geste: "reduire", mots: "réduire" },
  { touche: "t", geste: "tourner", mots: "tourner d'un quart" },
  { touche: "c", geste: "comparer", mots: "côte à côte" },
  { touche: "f", geste: "pleinePage", mots: "pleine page" },
  { touche: "m", geste: "message", mots: "aller au message à l'usager" },
  { touche: "v", geste: "valider", mots: "valider", decision: true },
  { touche: "s", geste: "suspendre", mots: "suspendre", decision: true },
  { touche: "r", geste: "refuser", mots: "refuser", decision: true },
];

/** Whether this device uses them (WCAG 2.1.4). */
export function raccourcisActifs() {
  return localStorage.getItem(CLE) !== "non";
}

export function choisirRaccourcis(actifs) {
  localStorage.setItem(CLE, actifs ? "oui" : "non");
}
