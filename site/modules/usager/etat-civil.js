/** Step 2: état civil, and whether the person who fills it acts for somebody else. */
import { h, remplacer, trouver } from "../dom.js";
import { lire } from "../formulaire.js";
import { nomDuRepresentant } from "./demande.js";
import { etapeFormulaire, identifiantDemande } from "./etape.js";
import { montrerIdentite } from "./identite.js";
import { montrerPropositions } from "./propositions.js";

const MAJORITE = 18;
const formulaire = trouver("form[data-etape-formulaire]");
let representant = null;

/** Whether who was born on `date` (maybe partial) is surely a minor, as the service reckons it. */
function estMineur(date) {
  if (!/^\d{4}(-\d\d){0,2}$/.test(date ?? "")) return false;
  const majeurLe = `${Number(date.slice(0, 4)) + MAJORITE}${date.slice(4)}`;
  return majeurLe > new Date().toISOString().slice(0, majeurLe.length);
}

function montrerLeRepresentant() {
  const mineur = estMineur(lire(formulaire).date_naissance);
  const legal = representant?.qualite === "representant_legal";
  const phrase = representant ? ["Demande faite par ", h("strong", {}, nomDuRepresentant(representant)), "."] : "Vous demandez ce permis pour un enfant mineur, ou pour une personne que vous représentez ?";
  remplacer(
    trouver("[data-representant]"),
    h("p", { class: "fr-mb-1v" }, phrase),
    mineur && !legal && h("p", { class: "fr-message fr-message--warning fr-mb-1v" }, "La personne concernée est mineure : indiquez son représentant légal."),
    h("a", { class: "fr-link", href: `/demande/representant/#${identifiantDemande()}` }, representant ? "Changer ou retirer le représentant" : "Demander pour quelqu'un d'autre"),
  );
}

formulaire.addEventListener("change", montrerLeRepresentant);
etapeFormulaire({
  page: "etat-civil",
  etape: "etat_civil",
  suivante: "adresse",
  precedente: "motif",
  corps: (saisi) => ({ ...saisi, ...(saisi.numero_dossier && { numero_dossier: saisi.numero_dossier.toUpperCase() }) }),
  selon: (demande) => {
    representant = demande.representant;
    montrerLeRepresentant();
  },
  apres: (demande, donnees) => {
    montrerIdentite(donnees);
    montrerPropositions(formulaire, demande, "etat_civil", montrerIdentite);
    queueMicrotask(montrerLeRepresentant);
  },
});
