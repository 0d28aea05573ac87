/** Step 8: the demande is confirmed and can be consulted; its justificatif can be taken away. */
import { lireCopie } from "../copie.js";
import { alerte, h, remplacer, tous, trouver } from "../dom.js";
import { telechargement } from "./demande.js";
import { identifiantDemande, montrerStepper, ouvrirDemande } from "./etape.js";
import { enSections, lireRecapitulatif } from "./sections.js";

const id = identifiantDemande();
if (id) {
  const confirmee = ({ statut }) => statut !== "brouillon";
  const ouvrir = (demande) => {
    if (!confirmee(demande)) return void location.replace(`/demande/recapitulatif/#${id}`);
    montrerStepper(demande, "confirmation");
    montrer(demande);
  };
  ouvrirDemande(id, ouvrir, confirmee).then(consulter);
}

/** The deck's step 8: what was sent, to read again. Without a network, the confirmation itself still stands. */
async function consulter(demande) {
  if (!demande || demande.statut === "brouillon") return;
  try {
    const recapitulatif = await lireRecapitulatif(id);
    const sections = recapitulatif.sections.map((une) => ({ ...une, modifiable: false }));
    const lues = enSections(sections, recapitulatif.demande);
    for (const une of lues) une.open = false;
    remplacer(trouver("[data-sections]"), h("h2", { class: "fr-mt-4w" }, "Votre demande"), lues);
  } catch (faute) {
    console.info(`demande confirmée, non relue : ${faute.message}`);
  }
}

function montrer(demande) {
  const confirmee = lireCopie(`confirmee:${id}`);
  const talon = demande.etapes.photo_signature?.donnees?.mode === "talon";
  remplacer(
    trouver("[data-confirmation]"),
    alerte("success", "Demande confirmée et consultable", h("p", {}, "Numéro de votre demande : ", h("strong", { class: "numero numero-entier" }, demande.numero))),
    confirmee?.avertissement && alerte("info", "À savoir", confirmee.avertissement),
    h("h2", { class: "fr-mt-4w" }, "Justificatif de la pré-demande"),
    h("p", {}, "Gardez-le : il porte le numéro de votre demande."),
    telechargement(id, "justificatif", "Télécharger le justificatif de la pré-demande (PDF)", true),
    talon && h("h2", { class: "fr-mt-4w" }, "Il vous reste à envoyer le talon"),
    talon && h("p", {}, "Imprimez-le, collez-y votre photo, signez-le, et envoyez-le à l'adresse qui y figure."),
    talon && telechargement(id, "talon", "Télécharger le talon photo-signature (PDF)"),
    h("h2", { class: "fr-mt-4w" }, "Et maintenant ?"),
    h("ol", {}, h("li", {}, "Nous vérifions vos documents."), h("li", {}, "Un agent de la préfecture instruit votre demande."), h("li", {}, "Votre permis est fabriqué, puis envoyé à votre adresse, contre signature.")),
    h("p", {}, "Vous êtes prévenu par courriel, et par SMS si vous avez donné un téléphone, à chaque étape."),
    h("a", { class: "fr-btn fr-btn--secondary", href: `/demande/suivi/#${id}` }, "Suivre ma demande"),
  );
}

for (const lien of tous("[data-etape]")) lien.removeAttribute("href");
