/** What the pages of the follow-up say alike: who must act, for whom, a document to take away. */
import { appeler, enClair } from "../api.js";
import { garderCopie, lireCopie } from "../copie.js";
import { h, remplacer } from "../dom.js";

/** Who must act, by the `detenteur` of a suivi. */
export const QUI = {
  usager: "Vous",
  ctn: "Le centre de traitement des pièces",
  agent: "Un agent de la préfecture",
  imprimeur: "L'imprimeur du titre",
  poste: "La poste",
  personne: "Personne : la demande est terminée",
};

/** The words of a type of pièce, which the page carries (macros/pieces.html). */
export function libelleDeLaPiece(type) {
  return document.querySelector(`template[data-type-piece="${CSS.escape(type)}"]`)?.dataset.libelle ?? "";
}

/** Who acts for the holder: `Marie Corneille, mandataire`. */
export function nomDuRepresentant({ qualite, nom, prenoms }) {
  return `${prenoms.join(" ")} ${nom}, ${qualite === "mandataire" ? "mandataire" : "représentant légal"}`;
}

/** How many messages of the service this browser has not shown yet; `suivi` tells those that came. */
export function messagesNonLus(id, { evenements }) {
  const recus = evenements.filter(({ evenement }) => evenement === "MessageAgent").length;
  return Math.max(0, recus - (lireCopie(`messages-lus:${id}`) ?? 0));
}

/** The service's messages of the demande `id` have been shown, all of them. */
export function direLus(id, messages) {
  garderCopie(`messages-lus:${id}`, messages.filter(({ de }) => de === "service").length);
}

/** `1 nouveau message`, to be seen; nothing when there is none. */
export function marqueDesNouveaux(nombre) {
  return nombre > 0 && h("span", { class: "fr-badge fr-badge--new fr-badge--no-icon", "data-nouveaux": nombre }, nombre > 1 ? `${nombre} nouveaux messages` : "1 nouveau message");
}

/** A button that opens a document of the demande `id`; it says why when there is none. */
export function telechargement(id, nom, mots, principal = false) {
  const message = h("p", { class: "fr-error-text", role: "alert", hidden: true });
  const ouvrir = async () => {
    message.hidden = true;
    try {
      const { url } = await appeler("GET", `/api/demandes/${id}/${nom}`);
      location.assign(url);
    } catch (faute) {
      remplacer(message, enClair(faute));
      message.hidden = false;
    }
  };
  const genre = principal ? "" : "fr-btn--secondary ";
  return h("div", { class: "fr-mb-2w" }, h("button", { class: `fr-btn ${genre}fr-icon-download-line fr-btn--icon-left`, type: "button", "data-document": nom, onclick: ouvrir }, mots), message);
}
