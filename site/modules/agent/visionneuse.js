/** The viewer of pièces: pages one by one, zoom, rotation, two side by side, full page. Images are short-lived links. */
import { appeler, enClair } from "../api.js";
import { h, remplacer, tous, trouver } from "../dom.js";

// The viewer would write a rule of its own into the page, which the content policy refuses. It does not when it finds one
// already there: this element is of no vocabulary, and styles nothing.
const regleDeja = document.createElementNS("urn:permis", "style");
regleDeja.setAttribute("data-openseadragon-mobile-css", "");
document.head.append(regleDeja);

/**
 * @param {string} id the demande
 * @param {any[]} pieces as the dossier gives them
 * @returns {{montrer: (pieceId: string, page?: number, cote?: number) => Promise<void>, tourner: () => void, page: (pas: number) => void, zoomer: (facteur: number) => void, comparer: () => void, pleinePage: () => void}}
 */
export function monterVisionneuse(id, pieces) {
  const vues = [vide(), vide()];
  let active = 0;
  let deux = false;
  const montrables = pieces.filter(({ pages }) => pages > 0);

  function vide() {
    return { piece: null, page: 1, osd: null };
  }

  function ouvrir(cote) {
    const element = trouver(`[data-visionneuse="${cote}"]`);
    vues[cote].osd ??= window.OpenSeadragon.getViewer(element) ?? window.OpenSeadragon({ element, showNavigationControl: false, drawer: "canvas", animationTime: 0.3, gestureSettingsMouse: { clickToZoom: false }, gestureSettingsTouch: { pinchRotate: true } });
    return vues[cote].osd;
  }

  async function montrer(pieceId, page = 1, cote = active) {
    const piece = montrables.find(({ piece_id }) => piece_id === pieceId);
    if (!piece) return;
    vues[cote].piece = piece;
    vues[cote].page = page;
    const texte = `${piece.libelle}, ${piece.nom_fichier}, page ${page} sur ${piece.pages}${piece.courante ? "" : " (version remplacée)"}`;
    try {
      const { url } = await appeler("GET", `/api/instruction/demandes/${id}/pieces/${pieceId}/pages/${page}`);
      ouvrir(cote).open({ type: "image", url });
      trouver(`[data-visionneuse="${cote}"]`).setAttribute("aria-label", texte);
      trouver("[data-vue]").textContent = texte;
    } catch (faute) {
      trouver("[data-vue]").textContent = enClair(faute);
    }
    for (const bouton of tous("[data-piece]")) bouton.setAttribute("aria-pressed", String(bouton.dataset.piece === pieceId));
  }

  function pas(combien) {
    const { piece, page } = vues[active];
    if (!piece) return;
    const suivante = page + combien;
    if (suivante >= 1 && suivante <= piece.pages) return void montrer(piece.piece_id, suivante);
    const rang = montrables.indexOf(piece) + Math.sign(combien);
    const autre = montrables[rang];
    if (autre) montrer(autre.piece_id, combien > 0 ? 1 : autre.pages);
  }

  const tourner = () => vues[active].osd?.viewport.setRotation((vues[active].osd.viewport.getRotation() + 90) % 360);
  const zoomer = (facteur) => vues[active].osd?.viewport.zoomBy(facteur).applyConstraints();
  const ajuster = () => vues[active].osd?.viewport.goHome();

  function comparer() {
    deux = !deux;
    trouver('[data-visionneuse="1"]').hidden = !deux;
    active = deux ? 1 : 0;
    trouver("[data-comparer]").setAttribute("aria-pressed", String(deux));
    if (deux) {
      // The former version of what is seen, when there is one; else the next pièce.
      const vue = vues[0].piece;
      const ancienne = montrables.find(({ type, courante, piece_id }) => type === vue?.type && courante !== vue?.courante && piece_id !== vue?.piece_id);
      const autre = ancienne ?? montrables.find((piece) => piece !== vue) ?? vue;
      if (autre) montrer(autre.piece_id, 1, 1);
    }
  }

  function pleinePage() {
    const zone = trouver(".visionneuse-vues");
    if (document.fullscreenElement) document.exitFullscreen();
    else zone.requestFullscreen();
  }

  const bouton = (mots, faire, autres = {}) => h("button", { class: "fr-btn fr-btn--secondary fr-btn--sm", type: "button", onclick: faire, ...autres }, mots);
  remplacer(trouver("[data-pieces]"), montrables.length === 0 && h("p", {}, "Aucune pièce à montrer."), montrables.map((piece) => bouton(`${piece.libelle}${piece.courante ? "" : " (ancienne version)"}`, () => montrer(piece.piece_id), { "data-piece": piece.piece_id, "aria-pressed": "false" })));
  remplacer(
    trouver("[data-outils]"),
    bouton("Page précédente", () => pas(-1)),
    bouton("Page suivante", () => pas(1)),
    bouton("Agrandir", () => zoomer(1.4)),
    bouton("Réduire", () => zoomer(1 / 1.4)),
    bouton("Tourner", tourner),
    bouton("Ajuster", ajuster),
    bouton("Côte à côte", comparer, { "data-comparer": true, "aria-pressed": "false" }),
    bouton("Pleine page", pleinePage),
  );
  // The dossier is shown again after each action: the viewers stay, one of them seen.
  trouver('[data-visionneuse="1"]').hidden = true;
  return { montrer, page: pas, tourner, zoomer, comparer, pleinePage };
}
