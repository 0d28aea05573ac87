/** « Mes demandes »: each with its statut in words, who must act, until when, and the page that goes on with it. */
import { appeler, enClair, HorsLigne } from "../api.js";
import { garderCopie, lireCopie } from "../copie.js";
import { alerte, annoncer, charge, h, jour, remplacer, trouver } from "../dom.js";
import { FINALS, MOTIFS } from "../referentiel.js";
import { exigerSession } from "../session.js";
import { marqueDesNouveaux, messagesNonLus, QUI } from "./demande.js";

const liste = trouver("[data-demandes]");
const etat = trouver("[data-demandes-etat]");
const suite = trouver("[data-demandes-suite]");
let curseur = null;

async function ouvrir() {
  await exigerSession();
  const connues = lireCopie("demandes");
  if (connues) {
    montrer(connues);
    charge();
  }
  try {
    const page = await appeler("GET", "/api/demandes");
    garderCopie("demandes", page.elements);
    curseur = page.curseur;
    suite.hidden = !curseur;
    remplacer(etat);
    montrer(page.elements);
    charge();
    await completer(page.elements);
  } catch (faute) {
    charge();
    if (faute instanceof HorsLigne && connues) return remplacer(etat, alerte("warning", "Pas de réseau", "Voici vos demandes telles que vous les avez vues la dernière fois sur cet appareil."));
    remplacer(etat, alerte("error", "Vos demandes n'ont pas pu être lues", enClair(faute), h("button", { class: "fr-btn fr-btn--secondary fr-mt-2w", type: "button", onclick: () => location.reload() }, "Réessayer")));
  }
}

function montrer(demandes) {
  if (demandes.length === 0) remplacer(etat, alerte("info", "Vous n'avez pas encore de demande", "Perte, vol, permis abîmé, expiré, ou changement d'état civil : commencez votre demande quand vous voulez, elle s'enregistre au fur et à mesure."));
  remplacer(liste, demandes.map(ligne));
}

function ligne({ id, numero, statut, libelle, motif, cree_le, modifie_le }) {
  const titre = MOTIFS[motif] ?? "Demande";
  const [mots, page] = statut === "brouillon" ? ["Continuer", "suivi"] : statut === "suspendue" ? ["Compléter", "complement"] : ["Suivre", "suivi"];
  return h(
    "li",
    { class: "demande", "data-demande": id },
    h("h2", { class: "fr-h5 fr-mb-1v" }, titre),
    h("p", { class: "fr-text--sm fr-mb-1w" }, numero ? ["N° ", h("span", { class: "numero" }, numero), " – "] : "", `commencée le ${jour(cree_le)}, modifiée le ${jour(modifie_le)}`),
    h("p", { class: `fr-badge fr-badge--no-icon ${statut === "suspendue" || statut === "attente_photo" || statut === "non_distribuee" ? "fr-badge--warning" : statut === "distribuee" ? "fr-badge--success" : "fr-badge--info"}` }, libelle),
    h("div", { "data-qui": "" }),
    h("a", { class: "fr-btn fr-btn--secondary", href: `/demande/${page}/#${id}` }, mots, h("span", { class: "fr-sr-only" }, ` : ${titre}${numero ? `, demande n° ${numero}` : `, commencée le ${jour(cree_le)}`}`)),
  );
}

/** Who must act is in the follow-up of each one that is not ended; a line without it still serves. */
async function completer(demandes) {
  const ouvertes = demandes.filter(({ statut }) => !FINALS.has(statut));
  await Promise.allSettled(
    ouvertes.map(async ({ id }) => {
      const suivi = await appeler("GET", `/api/demandes/${id}/suivi`);
      const zone = liste.querySelector(`[data-demande="${CSS.escape(id)}"] [data-qui]`);
      if (zone) remplacer(zone, h("p", { class: "fr-mb-1w" }, "Qui doit agir : ", h("strong", {}, QUI[suivi.detenteur]), suivi.echeance && [h("br"), `Date limite : ${jour(suivi.echeance)}`]), marqueDesNouveaux(messagesNonLus(id, suivi)));
    }),
  );
}

suite.addEventListener("click", async () => {
  try {
    const page = await appeler("GET", `/api/demandes?curseur=${encodeURIComponent(curseur)}`);
    curseur = page.curseur;
    suite.hidden = !curseur;
    liste.append(...page.elements.map(ligne));
    annoncer(`${page.elements.length} demandes de plus.`);
    await completer(page.elements);
  } catch (faute) {
    remplacer(etat, alerte("error", "La suite n'a pas pu être lue", enClair(faute)));
  }
});

ouvrir();
