/** Step 5: the pièces that the motif asks. One goes on when none is missing and no file is on its way. */
import { appeler } from "../api.js";
import { h, remplacer, trouver } from "../dom.js";
import { montrerRefus } from "../formulaire.js";
import { identifiantDemande, lienVers, montrerStepper, ouvrirDemande, pageDEtape, retenir } from "./etape.js";
import { monterPieces } from "./pieces.js";
import { lues } from "./propositions.js";

const id = identifiantDemande();
const formulaire = trouver("form[data-etape-pieces]");
const etat = trouver("[data-etat-saisie]");
let pieces = null;

if (id) {
  trouver("[data-precedente]").href = pageDEtape("photo-signature", id);
  ouvrirDemande(id, (demande) => {
    if (demande.statut !== "brouillon") return void location.replace(`/demande/suivi/#${id}`);
    montrerStepper(demande, "pieces");
    direCeQuiEstLu(demande);
    if (pieces) pieces.montrer(demande);
    else pieces = monterPieces(trouver("[data-pieces]"), demande, { apres: suivre });
  });
}

function suivre(demande) {
  montrerStepper(retenir(demande), "pieces");
  direCeQuiEstLu(demande);
}

/** What the documents say of the steps that are not filled yet: it is proposed there. */
function direCeQuiEstLu(demande) {
  const utiles = ["etat_civil", "adresse"].filter((etape) => demande.etapes[etape]?.etat !== "complete" && Object.keys(lues(demande, etape).sources).length > 0);
  const zone = trouver("[data-lu]");
  zone.hidden = utiles.length === 0;
  remplacer(zone, h("p", { class: "fr-text--bold" }, "Vos documents peuvent remplir le formulaire pour vous."), h("p", {}, "Rien n'est rempli sans votre accord."), utiles.map((etape) => h("p", { class: "fr-mb-1v" }, lienVers(etape, id))));
}

formulaire.addEventListener("submit", async (evenement) => {
  evenement.preventDefault();
  trouver("[data-resume-erreurs]").hidden = true;
  if (pieces.enCours > 0) return dire([{ message: "Un fichier n'est pas encore arrivé. Attendez la fin de son envoi, ou annulez-le." }], "L'envoi n'est pas terminé");
  try {
    const demande = retenir(await appeler("GET", `/api/demandes/${id}`));
    pieces.montrer(demande);
    montrerStepper(demande, "pieces");
    const { manques } = demande.etapes.pieces.donnees;
    if (manques.length > 0) return dire(manques, manques.length > 1 ? `${manques.length} pièces sont à compléter` : "Une pièce est à compléter");
    // Nothing due: the step is passed by itself.
    location.assign(pageDEtape(demande.etapes.paiement.etat === "non_requise" ? "recapitulatif" : "paiement", id));
  } catch (faute) {
    montrerRefus(formulaire, faute);
  }
});

function dire(manques, titre) {
  const resume = trouver("[data-resume-erreurs]");
  const lien = ({ champ, message }) => (champ ? h("a", { class: "fr-link", href: `#piece-${champ}`, onclick: (e) => (e.preventDefault(), pieces.viser(champ)) }, message) : message);
  remplacer(resume, h("h2", { class: "fr-alert__title" }, titre), h("ul", {}, manques.map((manque) => h("li", {}, lien(manque)))));
  resume.hidden = false;
  resume.focus();
  etat.textContent = "";
}
