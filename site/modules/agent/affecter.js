/** What a chef de service gives to an agent: demandes chosen in a list, one or several at once. */
import { appeler, enClair, Probleme, toutLire } from "../api.js";
import { alerte, h, remplacer, tous, trouver } from "../dom.js";
import { aLEnvoi } from "../formulaire.js";
import { QUI_TRAITE } from "../referentiel.js";
import { ouvrirDialogue } from "../session.js";
import { direLaFaute, liste, resumeErreurs } from "./commun.js";

/**
 * Boxes on the lines of a list, and `bouton` which gives what they choose.
 * @param {HTMLButtonElement} bouton
 * @param {() => Promise<void>} apres shows the lists again, once demandes were given
 */
export function monterAffectation(bouton, apres) {
  const choisies = new Map();

  function dire() {
    bouton.disabled = choisies.size === 0;
    bouton.textContent = choisies.size > 1 ? `Affecter les ${choisies.size} demandes choisies` : "Affecter la demande choisie";
  }

  function choisir(ligne, oui) {
    if (oui) choisies.set(ligne.id, ligne);
    else choisies.delete(ligne.id);
    // One demande may be in two lists.
    for (const autre of tous(`input[data-affecter="${CSS.escape(ligne.id)}"]`)) autre.checked = oui;
    dire();
  }

  bouton.hidden = false;
  bouton.addEventListener("click", () => ouvrir([...choisies.values()], apres).catch((faute) => direLaFaute(faute)));
  dire();
  return {
    /** The box of `ligne` ({id, numero, statut, autorite?}), if somebody is to treat it. */
    caseDe(ligne) {
      if (!QUI_TRAITE[ligne.statut]) return null;
      const id = `affecter-${crypto.randomUUID()}`;
      const case_ = h("input", { type: "checkbox", id, "data-affecter": ligne.id, onchange: ({ target }) => choisir(ligne, target.checked) });
      return h("div", { class: "fr-checkbox-group fr-checkbox-group--sm pga-choix" }, case_, h("label", { class: "fr-label", for: id }, h("span", { class: "fr-sr-only" }, `Choisir la demande ${ligne.numero}`)));
    },
    /** The lists were drawn again: nothing is chosen. */
    oublier() {
      choisies.clear();
      dire();
    },
  };
}

/** The dialog that asks to whom `demandes` go: only those who may treat all of them are offered. */
async function ouvrir(demandes, apres) {
  const agents = (await toutLire("/api/instruction/agents")).filter((agent) => agent.statut === "actif" && demandes.every((demande) => peutTraiter(agent, demande)));
  const quoi = demandes.length > 1 ? `les ${demandes.length} demandes choisies` : `la demande ${demandes[0].numero}`;
  if (agents.length === 0) {
    ouvrirDialogue(`Affecter ${quoi}`, h("p", {}, demandes.length > 1 ? "Aucun agent de votre service ne peut traiter toutes ces demandes : choisissez-en moins." : "Aucun agent de votre service ne peut traiter cette demande."));
    return;
  }
  const choix = agents.map(({ compte_id, prenom, nom }) => ({ code: compte_id, libelle: `${prenom} ${nom}` }));
  const formulaire = h("form", {}, resumeErreurs(), liste("affecte", "agent", "Agent à qui les confier", choix), h("button", { class: "fr-btn fr-mt-2w", type: "submit" }, "Affecter"));
  const dialogue = ouvrirDialogue(`Affecter ${quoi}`, formulaire);
  aLEnvoi(
    formulaire,
    async ({ agent }) => [choix.find(({ code }) => code === agent).libelle, await affecter(demandes, agent)],
    async ([nom, refus]) => {
      dialogue.close();
      await apres();
      direLeResultat(demandes, refus, nom);
    },
  );
}

function peutTraiter(agent, { statut, autorite }) {
  return QUI_TRAITE[statut].includes(agent.role) && (!autorite || agent.autorites.includes(autorite));
}

/** Each in its turn; what the service refuses does not stop the others. @returns {Promise<{numero: string, raison: string}[]>} */
async function affecter(demandes, agent) {
  const refus = [];
  for (const { id, numero } of demandes) {
    try {
      await appeler("POST", `/api/instruction/demandes/${id}/affectation`, { corps: { agent } });
    } catch (faute) {
      if (!(faute instanceof Probleme)) throw faute;
      refus.push({ numero, raison: faute.erreurs[0]?.message ?? enClair(faute) });
    }
  }
  return refus;
}

function direLeResultat(demandes, refus, agent) {
  const faites = demandes.length - refus.length;
  const dit = faites === 0 ? "Aucune demande n'est affectée." : faites === 1 ? `Une demande est affectée à ${agent}.` : `${faites} demandes sont affectées à ${agent}.`;
  const zone = trouver("[data-avis]");
  remplacer(zone, alerte(refus.length > 0 ? "warning" : "success", null, dit, refus.length > 0 && h("ul", {}, refus.map(({ numero, raison }) => h("li", {}, h("span", { class: "numero" }, numero), ` : ${raison}`)))));
  zone.focus();
}
