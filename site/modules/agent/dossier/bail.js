/**
 * The lease of whoever has taken the demande in charge: renewed while he works on it with the page before him, told as soon
 * as it is lost. Nothing that he has typed goes.
 */
import { appeler, enClair, Probleme } from "../../api.js";
import { alerte, dateHeure, h, remplacer, trouver } from "../../dom.js";

const REGARD_MS = 15_000;
const RENOUVELER_MS = 10 * 60_000;
/** Who makes no gesture for that long is elsewhere: his lease runs to its end. */
const PRESENCE_MS = 20 * 60_000;

const zone = trouver("[data-bail]");
let chemin = "";
let apres = () => {};
let bail = null;
let renouvele = 0;
let dernierGeste = Date.now();
let enCours = false;

/** Watch over the lease of the demande at `cheminDemande`; `quandIlChange()` reads the dossier again. */
export function veillerSurLeBail(cheminDemande, quandIlChange) {
  chemin = cheminDemande;
  apres = quandIlChange;
  for (const geste of ["keydown", "pointerdown", "scroll"]) document.addEventListener(geste, () => (dernierGeste = Date.now()), { passive: true, capture: true });
  setInterval(regarder, REGARD_MS);
  document.addEventListener("visibilitychange", regarder);
}

/** Who holds it, as the dossier just read says. */
export function montrerLeBail({ agent }) {
  bail = agent?.de_moi ? agent.bail_jusqua : null;
  renouvele = Date.now();
  if (agent && !agent.de_moi) remplacer(zone, alerte("warning", null, `${agent.nom ?? "Un collègue"} traite cette demande jusqu'au ${dateHeure(agent.bail_jusqua)} : vous pouvez la lire et écrire, pas décider.`));
  else remplacer(zone);
}

async function regarder() {
  if (document.hidden || !bail || enCours) return;
  const reste = new Date(bail) - Date.now();
  if (reste <= 0) return perdre("Votre prise en charge est arrivée à son terme.", ["Reprendre en charge", reprise]);
  // One given for days is asked again too: that is how its loss is learnt.
  const voulu = reste < 2 * RENOUVELER_MS || Date.now() - renouvele >= RENOUVELER_MS;
  if (voulu && Date.now() - dernierGeste < PRESENCE_MS) await renouveler();
}

async function renouveler() {
  enCours = true;
  try {
    bail = (await appeler("POST", `${chemin}/prise-en-charge`)).bail_jusqua;
    renouvele = Date.now();
  } catch (faute) {
    // No network: asked again at the next look. A refusal: somebody else has it, or it is no longer to treat.
    if (faute instanceof Probleme && [404, 409].includes(faute.statut)) perdre(faute.message, ["Relire le dossier", () => apres()]);
  } finally {
    enCours = false;
  }
}

function perdre(pourquoi, [mots, faire]) {
  bail = null;
  // What was said of the last action is true no more.
  remplacer(trouver("[data-avis]"));
  const suite = h("p", { "data-bail-suite": true }, "Ce que vous avez saisi reste à l'écran.");
  const bouton = h("button", { class: "fr-btn fr-btn--sm", type: "button", onclick: () => faire().catch((faute) => (suite.textContent = enClair(faute))) }, mots);
  remplacer(zone, alerte("warning", "Vous ne tenez plus cette demande", pourquoi, suite, bouton));
}

async function reprise() {
  await appeler("POST", `${chemin}/prise-en-charge`);
  await apres();
}
