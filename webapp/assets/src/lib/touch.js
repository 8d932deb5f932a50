// One finger moves a diagram, two zoom it: bpmn-js itself listens to the mouse only.
import { zoomBy } from './view.js';

export function panByTouch(stage, viewer) {
  const fingers = new Map();
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  stage.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'touch') fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  stage.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const old = fingers.size === 2 ? spread() : 0;
    fingers.set(event.pointerId, now);
    if (fingers.size === 1) viewer.get('canvas').scroll({ dx: now.x - before.x, dy: now.y - before.y });
    else if (old) zoomBy(viewer, spread() / old);
  });
  const lift = (event) => fingers.delete(event.pointerId);
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) stage.addEventListener(end, lift);
}
