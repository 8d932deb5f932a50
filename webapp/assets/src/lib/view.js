// Where the visitor looks: the whole diagram, or one node at a size that can be read.

const LEGIBLE = 0.55; // of the size at which the diagram was drawn
const READABLE = 0.85;
const MARGIN = 0.96; // so that no line touches the frame
const STEP = 1.25;
const LIMITS = [0.15, 4];

// The whole, if its words can be read then; else the node where the case stands, or the beginning.
export function lookAt(viewer, current) {
  fit(viewer);
  if (viewer.get('canvas').zoom() < LEGIBLE) focusOn(viewer, current || firstNode(viewer));
}

function firstNode(viewer) {
  const nodes = viewer.get('elementRegistry').filter((each) => each.type === 'bpmn:StartEvent');
  return nodes.sort((a, b) => a.x - b.x)[0].id;
}

export function fit(viewer) {
  const canvas = viewer.get('canvas');
  canvas.zoom(canvas.zoom('fit-viewport', 'auto') * MARGIN, 'auto');
}

export function focusOn(viewer, id) {
  const canvas = viewer.get('canvas');
  const node = viewer.get('elementRegistry').get(id);
  const { width, height } = canvas.getSize();
  const seen = { width: width / READABLE, height: height / READABLE };
  const { inner } = canvas.viewbox();
  const within = (wanted, size, from, whole) => (size > whole ? from - (size - whole) / 2
    : Math.min(Math.max(wanted, from), from + whole - size));
  canvas.viewbox({
    x: within(node.x + (node.width || 0) / 2 - seen.width / 2, seen.width, inner.x, inner.width),
    y: within(node.y + (node.height || 0) / 2 - seen.height / 2, seen.height, inner.y, inner.height),
    ...seen,
  });
}

export function zoomBy(viewer, factor, centre) {
  const canvas = viewer.get('canvas');
  canvas.zoom(Math.min(LIMITS[1], Math.max(LIMITS[0], canvas.zoom() * factor)), centre || 'auto');
}

export const zoomIn = (viewer) => zoomBy(viewer, STEP);
export const zoomOut = (viewer) => zoomBy(viewer, 1 / STEP);
