/** What the pages of the follow-up say alike: who must act, for whom, a document to take away. */
import { appeler, enClair } from "../api.js";
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
