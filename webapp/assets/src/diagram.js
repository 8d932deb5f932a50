// Shows a process on [data-diagram="address of the BPMN file"][data-state="address of the states"] elements.
//
// The states are {"elements": {"Task_1": {"state": "done|open|late|yellow", "text": "张三 · 3月5日到期"}}}; the elements
// alone may stand in [data-elements] instead, and one with a "link" (and a "label" for readers) leads there.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import chinese from 'bpmn-js-i18n/translations/zn.js';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import './lib/diagram.css';

import { addControls } from './lib/controls.js';
import { panByTouch } from './lib/touch.js';
import { lookAt } from './lib/view.js';

const CURRENT = ['late', 'yellow', 'open'];

const translate = (template, values = {}) => (chinese[template] || template)
  .replace(/{([^}]+)}/g, (whole, key) => (key in values ? values[key] : whole));

const element = (name, className, text = '') => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

async function load(address, read) {
  const answer = await fetch(address, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return read(answer);
}

function note({ state, text, link, label }) {
  const made = element(link ? 'a' : 'div', `diagram-note is-${state}`, text);
  if (link) {
    made.href = link;
    made.setAttribute('aria-label', label);
  }
  return made;
}

// A click on the node itself leads where its note leads.
function follow(viewer, states) {
  viewer.on('element.click', ({ element: { id } }) => { if (states[id]?.link) location.assign(states[id].link); });
}

function mark(viewer, states) {
  const known = Object.entries(states).filter(([id]) => viewer.get('elementRegistry').get(id));
  for (const [id, each] of known) {
    const { state, text } = each;
    viewer.get('canvas').addMarker(id, `is-${state}`);
    if (CURRENT.includes(state) && text) {
      viewer.get('overlays').add(id, `state-${state}`, {
        position: { bottom: -2, left: 0 },
        scale: { min: 0.7 },
        html: note(each),
      });
    } else if (state === 'done') {
      const tick = element('div', 'diagram-tick', '✓');
      tick.setAttribute('aria-hidden', 'true');
      viewer.get('overlays').add(id, 'state-done', { position: { top: -8, right: 8 }, html: tick });
    }
  }
  const current = known.find(([, { state }]) => CURRENT.includes(state));
  return current && current[0];
}

async function show(host) {
  host.classList.add('diagram');
  host.setAttribute('aria-busy', 'true');
  const stage = element('div', 'diagram-stage');
  host.append(stage);
  try {
    const [xml, { elements }] = await Promise.all([
      load(host.dataset.diagram, (answer) => answer.text()),
      host.dataset.state ? load(host.dataset.state, (answer) => answer.json())
        : { elements: JSON.parse(host.dataset.elements || '{}') },
    ]);
    const viewer = new NavigatedViewer({
      container: stage,
      additionalModules: [{ translate: ['value', translate] }],
      zoomScroll: { enabled: false }, // the wheel scrolls the page
    });
    await viewer.importXML(xml);
    const current = mark(viewer, elements);
    follow(viewer, elements);
    const place = () => lookAt(viewer, current);
    addControls(host, viewer);
    panByTouch(stage, viewer);
    place();
    followSize(stage, viewer, place);
    stage.querySelector('svg').setAttribute('aria-label', host.getAttribute('aria-label') || '流程图');
    host.dataset.ready = 'true';
  } catch (error) {
    const words = element('p', 'diagram-failed', '流程图暂时无法显示，请刷新页面重试。办理情况见本页其他内容。');
    words.setAttribute('role', 'status');
    host.replaceChildren(words);
    console.warn(error);
  } finally {
    host.removeAttribute('aria-busy');
  }
}

// A diagram that was opened in a hidden or resized place is set right when its place gets another width.
function followSize(stage, viewer, place) {
  let width = stage.clientWidth;
  new ResizeObserver(() => {
    if (stage.clientWidth === width) return;
    width = stage.clientWidth;
    viewer.get('canvas').resized();
    if (width) place();
  }).observe(stage);
}

document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('[data-diagram]').forEach(show));
