/**
 * The viewer of pièces: two views, each with its own pièce, page, zoom and rotation; side by side, full page. Images are
 * short-lived links.
 */
import { appeler, enClair } from "../../api.js";
import { h, remplacer, tous, trouver } from "../../dom.js";

// The viewer would write a rule of its own into the page, which the content policy refuses. It does not when it finds one
// already there: this element is of no vocabulary, and styles nothing.
const regleDeja = document.createElementNS("urn:permis", "style");
regleDeja.setAttribute("data-openseadragon-mobile-css", "");
document.head.append(regleDeja);

const REGLAGES = { showNavigationControl: false, drawer: "canvas", animationTime: 0.3, gestureSettingsMouse: { clickToZoom: false }, gestureSettingsTouch: { pinchRotate: true } };
const PAS_DE_ZOOM = 1.4;

/** What stands where the image should be; the sentence beside the tools says what to do. */
window.OpenSeadragon?.setString("Errors.OpenFailed", "Image non affichée");

let chemin = "";
let pieces = [];
const vues = tous("[data-vue]").map(uneVue);
let active = vues[0];

/** One view, and its tools. */
function uneVue(zone, rang) {
  const legende = trouver("[data-legende]", zone);
  const cadre = trouver("[data-image]", zone);
  const choix = h("select", { class: "fr-select fr-select--sm", id: `vue-${rang}`, onchange: () => vue.montrer(choix.value) });
  let osd = null;
  let quarts = 0;
  const vue = { zone, piece: null, page: 1 };

  const outil = (mots, icone, faire, signe) => h("button", { class: `fr-btn fr-btn--tertiary fr-btn--sm fr-btn--icon-left ${icone}`, type: "button", title: mots, onclick: faire }, signe && h("span", { "aria-hidden": "true" }, signe), h("span", { class: "fr-sr-only" }, mots));
  remplacer(
    trouver("[data-outils]", zone),
    h("label", { class: "fr-sr-only", for: choix.id }, `Pièce de la ${["première", "seconde"][rang]} vue`),
    choix,
    outil("Page précédente", "", () => vue.avancer(-1), "←"),
    outil("Page suivante", "", () => vue.avancer(1), "→"),
    outil("Agrandir", "fr-icon-zoom-in-line", () => vue.zoomer(1)),
    outil("Réduire", "fr-icon-zoom-out-line", () => vue.zoomer(-1)),
    outil("Tourner", "fr-icon-clockwise-line", () => vue.tourner()),
    outil("Ajuster", "fr-icon-crop-line", () => vue.ajuster()),
  );
  for (const geste of ["focusin", "pointerdown"]) zone.addEventListener(geste, () => (active = vue));

  function dire() {
    const { piece, page } = vue;
    const tournee = quarts > 0 ? `, tournée de ${quarts * 90}°` : "";
    const texte = `${piece.libelle}, ${piece.nom_fichier}, page ${page} sur ${piece.pages}${piece.courante ? "" : ", version remplacée"}${tournee}`;
    cadre.setAttribute("aria-label", texte);
    legende.textContent = texte;
  }

  function nouvelAfficheur() {
    const afficheur = window.OpenSeadragon({ element: cadre, ...REGLAGES });
    afficheur.addHandler("open-failed", () => vue.piece && direLEchec("l'image n'a pas pu être affichée."));
    return afficheur;
  }

  /** The image or its link did not come: links are short-lived, another try asks for a new one. */
  function direLEchec(phrase) {
    const { piece, page } = vue;
    const reessayer = () => {
      choix.focus();
      vue.montrer(piece.piece_id, page);
    };
    cadre.setAttribute("aria-label", `${piece.libelle}, page ${page} : image non affichée`);
    remplacer(legende, `${piece.libelle}, page ${page} sur ${piece.pages} : ${phrase} `, h("button", { class: "fr-btn fr-btn--secondary fr-btn--sm", type: "button", onclick: reessayer }, "Réessayer"));
  }

  vue.montrer = async (pieceId, page = 1) => {
    const piece = pieces.find(({ piece_id }) => piece_id === pieceId);
    if (!piece) return;
    Object.assign(vue, { piece, page });
    choix.value = pieceId;
    try {
      const { url } = await appeler("GET", `${chemin}/pieces/${pieceId}/pages/${page}`);
      // Another page was asked for meanwhile: that one is shown.
      if (vue.piece.piece_id !== pieceId || vue.page !== page) return;
      osd ??= nouvelAfficheur();
      quarts = 0;
      osd.viewport?.setRotation(0, true);
      osd.open({ type: "image", url });
      dire();
    } catch (faute) {
      if (vue.piece?.piece_id === pieceId && vue.page === page) direLEchec(enClair(faute));
    }
  };
  vue.avancer = (pas) => {
    if (!vue.piece) return;
    const page = vue.page + pas;
    if (page >= 1 && page <= vue.piece.pages) return void vue.montrer(vue.piece.piece_id, page);
    const autre = pieces[pieces.indexOf(vue.piece) + pas];
    if (autre) vue.montrer(autre.piece_id, pas > 0 ? 1 : autre.pages);
  };
  vue.zoomer = (sens) => osd?.viewport?.zoomBy(PAS_DE_ZOOM ** sens).applyConstraints();
  vue.tourner = () => {
    if (!osd?.isOpen()) return;
    quarts = (quarts + 1) % 4;
    osd.viewport.setRotation(quarts * 90);
    dire();
  };
  vue.ajuster = () => osd?.viewport?.goHome();
  /** The pièces to choose among were read again: what is looked at stays. */
  vue.actualiser = () => {
    remplacer(choix, pieces.map((piece) => h("option", { value: piece.piece_id }, `${piece.libelle} – ${piece.nom_fichier}${piece.courante ? "" : " (version remplacée)"}`)));
    const encore = pieces.find(({ piece_id }) => piece_id === vue.piece?.piece_id);
    vue.piece = encore ?? null;
    if (encore) choix.value = encore.piece_id;
  };
  return vue;
}

/** Show the pièces of the demande at `cheminDemande`: the first one, unless one is looked at already. */
export function montrerLaVisionneuse(cheminDemande, toutes) {
  chemin = cheminDemande;
  pieces = toutes.filter(({ pages }) => pages > 0);
  trouver("[data-vues]").hidden = pieces.length === 0;
  for (const vue of vues) vue.actualiser();
  if (vues[0].piece) return;
  const premiere = pieces.find(({ courante }) => courante) ?? pieces[0];
  if (premiere) vues[0].montrer(premiere.piece_id);
}

/** Show this pièce in the view last used. */
export function montrerPiece(pieceId) {
  active.montrer(pieceId);
  active.zone.scrollIntoView({ block: "nearest" });
}

export const pageVoisine = (pas) => active.avancer(pas);
export const zoomer = (sens) => active.zoomer(sens);
export const tourner = () => active.tourner();

/** The second view comes or goes: it begins with another version of what the first one shows, else the next pièce. */
export function comparer() {
  const [premiere, seconde] = vues;
  const voulu = seconde.zone.hidden;
  seconde.zone.hidden = !voulu;
  boutonComparer.setAttribute("aria-pressed", String(voulu));
  active = voulu ? seconde : premiere;
  if (!voulu || seconde.piece) return;
  const vue = premiere.piece;
  const versions = pieces.filter((piece) => piece !== vue && piece.type === vue?.type);
  const autre = versions.find(({ courante }) => courante !== vue.courante) ?? versions[0] ?? pieces.find((piece) => piece !== vue) ?? vue;
  if (autre) seconde.montrer(autre.piece_id);
}

/** The views alone on the whole screen, with their tools; Escape comes back. */
export function pleinePage() {
  if (document.fullscreenElement) document.exitFullscreen();
  else trouver("[data-vues]").requestFullscreen();
}

const boutonComparer = h("button", { class: "fr-btn fr-btn--secondary fr-btn--sm", type: "button", "aria-pressed": "false", onclick: comparer }, "Côte à côte");
const boutonPleinePage = h("button", { class: "fr-btn fr-btn--secondary fr-btn--sm", type: "button", "aria-pressed": "false", onclick: pleinePage }, "Pleine page");
document.addEventListener("fullscreenchange", () => boutonPleinePage.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement))));
remplacer(trouver("[data-outils-communs]"), boutonComparer, boutonPleinePage);
