/**
 * The pièces of a demande: what is asked, the files sent, adding and removing. Step 5 and the complement use it.
 *
 *     const pieces = monterPieces(zone, demande, { types });
 *     pieces.montrer(demande); pieces.enCours; pieces.viser(type);
 */
import { appeler, enClair, HorsLigne } from "../api.js";
import { annoncer, h, remplacer, trouver } from "../dom.js";
import { ouvrirDialogue } from "../session.js";
import { Envois, EXTENSIONS, refusImmediat } from "./fichiers.js";

const MOTS = {
  attendue: ["Fichier non arrivé : son envoi n'a pas abouti. Retirez-le, puis joignez-le de nouveau.", "attention"],
  en_cours: ["Contrôle en cours…", "attente"],
  valide: ["Document valide", "ok"],
  invalide: ["Document refusé", "faute"],
  a_verifier: ["Document reçu : un agent va le vérifier", "ok"],
  acceptee: ["Document accepté", "ok"],
  refusee: ["Document refusé par le service", "faute"],
  remplacee: ["Document remplacé", "attente"],
};
const RETIRABLES = new Set(["attendue", "en_cours", "valide", "invalide", "a_verifier"]);
/** What the control may have something to say of: why it is refused, or an advice. */
const COMPTEES = new Set(["valide", "a_verifier", "acceptee"]);

/** The rules that the page carries (macros/pieces.html). */
function regleDe(type) {
  const { libelle, pagesMax } = trouver(`template[data-type-piece="${CSS.escape(type)}"]`).dataset;
  return { type, libelle, pages_max: Number(pagesMax) };
}

/** The types that a draft is asked, in order. @returns {{type: string, obligatoire: boolean}[]} */
export function typesDemandes(demande) {
  const { obligatoires, facultatives } = trouver(`template[data-pieces-du-motif="${CSS.escape(demande.motif)}"]`).dataset;
  const mots = (texte) => texte.split(" ").filter(Boolean);
  return [
    ...mots(obligatoires).map((type) => ({ type, obligatoire: true })),
    ...(demande.representant ? [{ type: "justificatif_representation", obligatoire: true }] : []),
    ...mots(facultatives).map((type) => ({ type, obligatoire: false })),
  ];
}

/** What may be changed now: every type of a draft, else those that a suspension asks. */
function typesOuverts(demande) {
  if (demande.modifiable.includes("pieces")) return typesDemandes(demande);
  return demande.modifiable.filter((nom) => nom.startsWith("pieces.")).map((nom) => ({ type: nom.slice("pieces.".length), obligatoire: true }));
}

/**
 * Show the pièces of `demande` in `zone`.
 * @param {Element} zone
 * @param {any} demande as the API gives it, pièces included
 * @param {{types?: string[], apres?: (demande: any) => void}} options `types` are those shown (all that are open);
 *   `apres` is told the demande after each change
 */
export function monterPieces(zone, demande, { types, apres = () => {} } = {}) {
  let actuelle = demande;
  const blocs = new Map();
  const relances = new Set();

  const envois = new Envois(demande.id, {
    changement(envoi, important) {
      const ligne = zone.querySelector(`[data-envoi="${envoi.cle}"]`);
      if (important || !ligne) montrer(actuelle);
      else avancer(ligne, envoi);
      if (!important) return;
      if (envoi.etat === "envoi") annoncer(`Envoi de ${envoi.nom}…`);
      if (envoi.etat === "coupe") annoncer(`Envoi de ${envoi.nom} interrompu. Le fichier est gardé sur cet appareil et repartira tout seul.`);
      if (envoi.etat === "refuse") annoncer(`${envoi.nom} : ${envoi.message}`);
    },
    async fini(envoi, controle) {
      if (controle) annoncer(`${envoi.nom} : ${motsDuControle(controle)}`);
      await relire();
    },
  });

  async function relire() {
    try {
      actuelle = await appeler("GET", `/api/demandes/${demande.id}`);
      apres(actuelle);
    } catch (faute) {
      if (!(faute instanceof HorsLigne)) throw faute;
    }
    montrer(actuelle);
  }

  function montrer(recue) {
    actuelle = recue;
    const ouverts = typesOuverts(recue);
    const voulus = types ? types.map((type) => ouverts.find((un) => un.type === type) ?? { type, obligatoire: true }) : ouverts;
    const restes = recue.modifiable.includes("pieces") ? new Set((recue.pieces ?? []).map(({ type }) => type).filter((type) => !voulus.some((un) => un.type === type))) : new Set();
    const listes = [...voulus.map((un) => ({ ...un, demandee: true })), ...[...restes].map((type) => ({ type, obligatoire: false, demandee: false }))];
    for (const [type, bloc] of blocs) {
      if (listes.some((un) => un.type === type)) continue;
      bloc.element.remove();
      blocs.delete(type);
    }
    for (const un of listes) {
      if (!blocs.has(un.type)) {
        blocs.set(un.type, creerBloc(un.type));
        zone.append(blocs.get(un.type).element);
      }
      remplirBloc(blocs.get(un.type), un);
    }
  }

  function creerBloc(type) {
    const regle = regleDe(type);
    const id = `piece-${type}`;
    const choisir = (champ) => {
      for (const fichier of champ.files) proposer(type, fichier);
      champ.value = "";
    };
    const fichier = h("input", { type: "file", hidden: true, multiple: true, accept: EXTENSIONS.join(","), "data-fichier": type, onchange: (e) => choisir(e.target) });
    const photo = h("input", { type: "file", hidden: true, accept: "image/*", capture: "environment", "data-photo": type, onchange: (e) => choisir(e.target) });
    const titre = h("h2", { class: "fr-h5 piece-titre", id, tabindex: "-1" });
    const bouton = (mots, champ, icone) => h("button", { class: `fr-btn fr-btn--secondary ${icone}`, type: "button", onclick: () => champ.click() }, mots, h("span", { class: "fr-sr-only" }, ` : ${regle.libelle}`));
    const actions = h("div", { class: "piece-actions" }, bouton("Joindre un fichier", fichier, "fr-btn--icon-left fr-icon-upload-line"), bouton("Prendre une photo", photo, "fr-btn--icon-left fr-icon-add-line"), fichier, photo);
    const note = h("p", { class: "fr-text--sm fr-mb-1w" });
    const refus = h("div", { class: "piece-refus", role: "alert" });
    const liste = h("div", {});
    const element = h("section", { class: "piece", "aria-labelledby": id, "data-piece": type }, titre, note, liste, refus, actions);
    return { element, regle, titre, note, liste, refus, actions };
  }

  function proposer(type, fichier) {
    const { refus } = blocs.get(type);
    const raison = refusImmediat(fichier);
    remplacer(refus);
    if (raison) return void refus.append(h("p", { class: "fr-message fr-message--error" }, `${fichier.name} : ${raison}`));
    envois.ajouter(type, fichier);
  }

  function remplirBloc({ element, regle, titre, note, liste, actions }, { type, obligatoire, demandee }) {
    const pieces = (actuelle.pieces ?? []).filter((piece) => piece.type === type).sort((a, b) => a.rang - b.rang);
    const partants = [...envois.tous.values()].filter((envoi) => envoi.type === type).sort((a, b) => a.ordre - b.ordre);
    const suivies = new Set(partants.map((envoi) => envoi.piece_id));
    const arrivees = pieces.filter((piece) => !suivies.has(piece.piece_id));
    // What was deposited is there for good: the limit bounds what is sent now.
    const pages = arrivees.filter((piece) => COMPTEES.has(piece.statut) && !piece.deposee).reduce((somme, piece) => somme + piece.pages, 0);
    const pleine = pages >= regle.pages_max;
    const compte = `(${mots(pages, "page")} / ${mots(regle.pages_max, "page")} maximum)`;
    element.classList.toggle("piece-faite", pages > 0);
    remplacer(titre, pages > 0 && h("span", { class: "piece-coche", "aria-hidden": "true" }, "✓ "), regle.libelle, " ", obligatoire || !demandee ? null : h("span", { class: "fr-hint-text" }, "facultatif "), h("span", { class: "piece-compte" }, demandee ? compte : ""));
    remplacer(note, noteDe({ demandee, obligatoire, pleine, regle }));
    note.hidden = !note.textContent;
    actions.hidden = !demandee || pleine;
    const foyer = liste.contains(document.activeElement) ? document.activeElement.dataset.cle : null;
    const lignes = [...arrivees.map(lignePiece), ...partants.map(ligneEnvoi)];
    if (lignes.length > 0) remplacer(liste, h("h3", { class: "fr-text--md fr-mb-1w" }, "Liste des fichiers"), h("ul", { class: "piece-fichiers" }, lignes));
    else remplacer(liste);
    if (foyer) (liste.querySelector(`[data-cle="${CSS.escape(foyer)}"]`) ?? titre).focus();
  }

  function lignePiece(piece) {
    const [texte, genre] = motsDeLaPiece(piece);
    if (piece.statut === "en_cours") conclure(piece);
    const nombre = piece.pages > 0 ? ` (${mots(piece.pages, "page")})` : "";
    return h(
      "li",
      { class: "piece-fichier", "data-piece-id": piece.piece_id, "data-statut": piece.statut },
      h("span", { class: "piece-nom" }, piece.nom_fichier),
      h("span", { class: `piece-etat piece-etat--${genre}` }, genre === "ok" && h("span", { "aria-hidden": "true" }, "✓ "), texte, nombre),
      aRemplacer(piece.piece_id)?.pages.map(({ libelle }) => h("p", { class: "fr-text--sm fr-mb-1v" }, libelle)),
      piece.anomalies.map((une) => remarque(une, piece.statut)),
      h(
        "div",
        { class: "piece-boutons" },
        piece.pages > 0 && action("Voir", piece.nom_fichier, `voir-${piece.piece_id}`, () => voir(piece)),
        RETIRABLES.has(piece.statut) && !piece.deposee && action("Retirer", piece.nom_fichier, `retirer-${piece.piece_id}`, () => retirer(piece)),
      ),
    );
  }

  const aRemplacer = (piece_id) => actuelle.suspension?.elements.find(({ cible }) => cible === piece_id);

  function motsDeLaPiece({ piece_id, statut, deposee }) {
    if (aRemplacer(piece_id)) return ["Document à remplacer", "attention"];
    if (deposee && COMPTEES.has(statut)) return ["Document déjà déposé", "attente"];
    return MOTS[statut] ?? [statut, "attente"];
  }

  function ligneEnvoi(envoi) {
    const barre = h("progress", { max: "100", value: envoi.progres, "aria-label": `Envoi de ${envoi.nom}` });
    const ligne = h(
      "li",
      { class: "piece-fichier", "data-envoi": envoi.cle, "data-statut": envoi.etat },
      h("span", { class: "piece-nom" }, envoi.nom),
      h("span", { class: `piece-etat piece-etat--${envoi.etat === "refuse" ? "faute" : envoi.etat === "coupe" ? "attention" : "attente"}`, "data-etat-envoi": true }, motsDeLEnvoi(envoi)),
      envoi.etat === "envoi" && barre,
      h(
        "div",
        { class: "piece-boutons" },
        ["coupe", "refuse"].includes(envoi.etat) && action("Réessayer", envoi.nom, `reessayer-${envoi.cle}`, () => envois.reprendre(envoi.cle)),
        action(envoi.etat === "refuse" ? "Retirer" : "Annuler", envoi.nom, `annuler-${envoi.cle}`, () => annuler(envoi)),
      ),
    );
    return ligne;
  }

  function avancer(ligne, envoi) {
    remplacer(trouver("[data-etat-envoi]", ligne), motsDeLEnvoi(envoi));
    const barre = ligne.querySelector("progress");
    if (barre) barre.value = envoi.progres;
  }

  function action(texte, nom, cle, faire) {
    return h("button", { class: "fr-btn fr-btn--tertiary fr-btn--sm", type: "button", "data-cle": cle, onclick: faire }, texte, h("span", { class: "fr-sr-only" }, ` ${nom}`));
  }

  async function annuler(envoi) {
    blocs.get(envoi.type).titre.focus();
    await tenter(envoi.type, () => envois.annuler(envoi.cle));
    annoncer(`${envoi.nom} n'est plus joint.`);
  }

  async function retirer(piece) {
    const fait = await tenter(piece.type, () => appeler("DELETE", `/api/demandes/${demande.id}/pieces/${piece.piece_id}`));
    if (!fait) return;
    await relire();
    annoncer(`${piece.nom_fichier} est retiré.`);
    blocs.get(piece.type)?.titre.focus();
  }

  async function voir(piece) {
    await tenter(piece.type, async () => {
      const { pages } = await appeler("GET", `/api/demandes/${demande.id}/pieces/${piece.piece_id}`);
      ouvrirDialogue(piece.nom_fichier, h("div", {}, pages.map((url, rang) => h("img", { class: "piece-page", src: url, alt: `Page ${rang + 1} sur ${pages.length}` }))));
    });
  }

  /** Do it, or say beside the pièce why it was not. */
  async function tenter(type, faire) {
    const zoneRefus = blocs.get(type).refus;
    remplacer(zoneRefus);
    try {
      await faire();
      return true;
    } catch (faute) {
      zoneRefus.append(h("p", { class: "fr-message fr-message--error" }, enClair(faute)));
      return false;
    }
  }

  /** A scan that was under way ends by itself: ask again, less and less often (what was just sent is followed elsewhere). */
  async function conclure(piece) {
    if (relances.has(piece.piece_id)) return;
    relances.add(piece.piece_id);
    for (let essai = 0; actuelle.pieces?.some((une) => une.piece_id === piece.piece_id && une.statut === "en_cours"); essai += 1) {
      try {
        const controle = await appeler("GET", `/api/demandes/${demande.id}/pieces/${piece.piece_id}/controle`);
        if (controle.statut !== "en_cours") {
          annoncer(`${piece.nom_fichier} : ${motsDuControle(controle)}`);
          await relire();
        }
      } catch (faute) {
        console.info("contrôle non relu", faute.name);
      }
      await new Promise((suite) => setTimeout(suite, Math.min(2_000 * 2 ** essai, 60_000)));
    }
    relances.delete(piece.piece_id);
  }

  montrer(demande);
  envois.ouvrir();
  return {
    montrer,
    relire,
    get enCours() {
      return envois.enCours.length;
    },
    /** Take the focus to the pièce of this type. */
    viser(type) {
      const cible = blocs.get(type)?.titre;
      cible?.focus();
      cible?.scrollIntoView({ block: "center" });
    },
    reprendre: () => envois.reprendre(),
  };
}

function noteDe({ demandee, obligatoire, pleine, regle }) {
  if (!demandee) return "Cette pièce n'est plus demandée pour votre motif : vous pouvez la retirer.";
  if (pleine) return "Toutes les pages possibles sont jointes. Pour changer de document, retirez d'abord celui-ci.";
  const plusieurs = regle.pages_max > 1 ? "Recto, verso ou plusieurs pages : ajoutez une photo ou un fichier après l'autre, dans l'ordre." : "";
  return obligatoire ? plusieurs : `Vous pouvez continuer sans cette pièce. ${plusieurs}`;
}

function motsDeLEnvoi({ etat, progres, message }) {
  if (etat === "attend") return "En attente d'envoi…";
  if (etat === "envoi") return `Envoi en cours : ${progres} %`;
  if (etat === "controle") return "Reçu. Contrôle du document…";
  if (etat === "coupe") return "Envoi interrompu : le réseau ne répond pas. Le fichier est gardé sur cet appareil et repartira tout seul.";
  return message;
}

/** What the control says: an advice stops nobody; what is not controlled yet has to be waited for. */
function remarque({ message, gravite }, statut) {
  if (gravite !== "conseil") return h("p", { class: "fr-message fr-message--error" }, message);
  const conseil = statut === "en_cours" ? message : [h("strong", {}, "Conseil : "), message, " Vous pouvez continuer sans rien changer."];
  return h("p", { class: "fr-message fr-message--warning", "data-conseil": "" }, h("span", {}, conseil));
}

function motsDuControle({ statut, anomalies }) {
  const [texte] = MOTS[statut] ?? [statut];
  return [texte, ...anomalies.map(({ message }) => message)].join(". ");
}

function mots(nombre, nom) {
  return `${nombre} ${nom}${nombre > 1 ? "s" : ""}`;
}
