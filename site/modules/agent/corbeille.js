/** The agents' home: what he holds, what he may take, what is late, and the usagers who wait for an answer. */
import { appeler } from "../api.js";
import { alerte, charge, dateHeure, h, jour, remplacer, trouver } from "../dom.js";
import { MOTIFS_COURTS } from "../referentiel.js";
import { monterAffectation } from "./affecter.js";
import { direLaFaute, exigerAgent, lienDe, listeDesDemandes, tableau } from "./commun.js";

const LISTES = {
  miennes: ["Les miennes", "Vous n'avez pris aucune demande."],
  a_prendre: ["À prendre", "Aucune demande n'attend."],
  en_retard: ["En retard", "Aucune demande n'est en retard."],
};
const TETES = { complement: "Complément reçu : à reprendre en premier", adresse_confirmee: "Adresse confirmée : titre à réexpédier" };

const ouverte = await exigerAgent();
const avis = trouver("[data-avis]");
const affectation = ouverte.profil === "chef" && monterAffectation(trouver("#affecter"), montrer);
const colonnes = [...(affectation ? ["Choisir"] : []), "N° de demande", "Nom", "Prénom", "Motif", "Déposée le", "Priorité", "Prise par"];

function priorite(ligne) {
  const delai = ligne.a_traiter_avant && `À traiter avant le ${jour(ligne.a_traiter_avant)}`;
  return [ligne.en_retard && h("p", { class: "fr-badge fr-badge--error fr-badge--no-icon" }, "En retard"), h("div", {}, TETES[ligne.en_tete] ?? delai)];
}

function cases(ligne) {
  const tenue = ligne.detenue_par ? `${ligne.detenue_par}, jusqu'au ${dateHeure(ligne.bail_jusqua)}` : "Personne";
  const lien = h("a", { class: "numero", href: lienDe(ouverte, ligne.id) }, ligne.numero);
  return [...(affectation ? [affectation.caseDe(ligne)] : []), lien, ligne.nom, ligne.prenom, MOTIFS_COURTS[ligne.motif], jour(ligne.date_demande), priorite(ligne), tenue];
}

/** A list with its counter, and a button that brings what follows. */
function section(titre, vide, nombre, page, suite, dessiner) {
  const zone = h("section", { class: "fr-mb-4w" }, h("h2", { class: "fr-h4" }, nombre === null ? titre : `${titre} (${nombre})`));
  if (page.elements.length === 0) zone.append(h("p", {}, vide));
  else {
    const table = dessiner(page.elements);
    zone.append(table);
    if (page.curseur) zone.append(suiteDe(table, page.curseur, suite, dessiner));
  }
  return zone;
}

function suiteDe(table, curseur, lireLaSuite, dessiner) {
  let suivant = curseur;
  const bouton = h("button", { class: "fr-btn fr-btn--secondary fr-mt-1w", type: "button" }, "Afficher la suite");
  bouton.addEventListener("click", async () => {
    bouton.disabled = true;
    try {
      const page = await lireLaSuite(encodeURIComponent(suivant));
      trouver("tbody", table).append(...trouver("tbody", dessiner(page.elements)).children);
      suivant = page.curseur;
      if (!suivant) bouton.remove();
    } catch (faute) {
      direLaFaute(faute);
    } finally {
      bouton.disabled = false;
    }
  });
  return bouton;
}

async function montrer() {
  const [corbeille, messages] = await Promise.all([appeler("GET", "/api/instruction/corbeille"), appeler("GET", "/api/instruction/messages")]);
  const sections = Object.entries(LISTES).map(([nom, [titre, vide]]) => {
    const liste = corbeille[nom];
    const suite = async (curseur) => (await appeler("GET", `/api/instruction/corbeille?liste=${nom}&curseur=${curseur}`))[nom];
    return section(titre, vide, `${liste.nombre}${liste.et_plus ? "+" : ""}`, liste, suite, (lignes) => tableau(titre, colonnes, lignes.map(cases)));
  });
  const titre = "Messages sans réponse";
  const dessiner = (lignes) =>
    tableau(
      titre,
      ["N° de demande", "Nom", "Prénom", "Motif", "Statut", "Attend depuis"],
      lignes.map((ligne) => [h("a", { class: "numero", href: lienDe(ouverte, ligne.id) }, ligne.numero), ligne.nom, ligne.prenom, MOTIFS_COURTS[ligne.motif], ligne.libelle, dateHeure(ligne.attend_reponse_depuis)]),
    );
  sections.push(section(titre, "Aucun usager n'attend de réponse.", null, messages, (curseur) => appeler("GET", `/api/instruction/messages?curseur=${curseur}`), dessiner));
  remplacer(trouver("#listes"), ...sections);
  if (affectation) affectation.oublier();
}

trouver("#suivante").addEventListener("click", async ({ currentTarget: bouton }) => {
  bouton.setAttribute("aria-disabled", "true");
  try {
    const prise = await appeler("POST", "/api/instruction/corbeille/suivante");
    if (prise) return location.assign(lienDe(ouverte, prise.id));
    remplacer(avis, alerte("info", null, "Aucune demande n'attend : tout est pris ou traité."));
    avis.focus();
  } catch (faute) {
    direLaFaute(faute);
  }
  bouton.removeAttribute("aria-disabled");
});

trouver("[data-liste-de]").textContent = listeDesDemandes(ouverte);
try {
  await montrer();
} catch (faute) {
  direLaFaute(faute);
}
charge();
