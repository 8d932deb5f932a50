// The three buttons of a diagram, and the same with + - 0 and the arrow keys while it has the focus.
import { fit, zoomIn, zoomOut } from './view.js';

const BUTTONS = [['+', '放大', zoomIn], ['−', '缩小', zoomOut], ['全图', '显示全图', fit]];
const KEYS = { '+': zoomIn, '=': zoomIn, '-': zoomOut, 0: fit };
const ARROWS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };

export function addControls(host, viewer) {
  const bar = document.createElement('div');
  bar.className = 'diagram-controls';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', '流程图缩放');
  for (const [sign, label, act] of BUTTONS) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = sign;
    button.title = label;
    if (sign !== label) button.setAttribute('aria-label', label);
    button.addEventListener('click', () => act(viewer));
    bar.append(button);
  }
  host.prepend(bar);
  host.addEventListener('keydown', (event) => onKey(event, viewer));
}

function onKey(event, viewer) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const arrow = ARROWS[event.key];
  if (KEYS[event.key]) KEYS[event.key](viewer);
  else if (arrow) viewer.get('canvas').scroll({ dx: arrow[0], dy: arrow[1] });
  else return;
  event.preventDefault();
}
