// Turns <canvas data-signature data-input="name of a hidden field"> into a place to sign by hand.
//
// The field holds a PNG as a data address, or nothing. What must be signed is for the server to say.
import SignaturePad from 'signature_pad';

import './lib/signature.css';
import { drawPicture, fitToScreen } from './lib/canvas.js';

const SIGNED = '已签名。如需更改，请按“重新签名”。';
const EMPTY = '尚未签名。请用手指、笔或鼠标在框内书写姓名。';

function prepare(canvas) {
  const input = document.getElementsByName(canvas.dataset.input)[0] || document.getElementById(canvas.dataset.input);
  const status = makeStatus();
  const clear = makeButton(canvas);
  const pad = new SignaturePad(canvas, { penColor: '#000', backgroundColor: '#fff', minWidth: 0.8, maxWidth: 2.6 });

  const say = () => { status.textContent = input.value ? SIGNED : EMPTY; };
  const redraw = async () => {
    const change = fitToScreen(canvas);
    if (change === 0) return; // not on the screen yet
    const strokes = pad.toData().map((stroke) => ({
      ...stroke, points: stroke.points.map((point) => ({ ...point, x: point.x * change, y: point.y * change })),
    }));
    pad.clear();
    if (strokes.length) pad.fromData(strokes);
    else if (input.value) await drawPicture(canvas, input.value);
  };
  const empty = () => {
    pad.clear();
    input.value = '';
    say();
  };

  // The first stroke over an earlier signature begins a new one, so that what is kept is what is seen. It must happen
  // before the pad hears of the stroke: emptied within it, the pad forgets which pointer is drawing.
  canvas.addEventListener('pointerdown', (event) => {
    if (event.isPrimary && event.button === 0 && input.value && pad.isEmpty()) pad.clear();
  }, { capture: true });
  pad.addEventListener('endStroke', () => {
    input.value = pad.toDataURL('image/png');
    say();
  });
  clear.addEventListener('click', empty);
  if (input.form) input.form.addEventListener('reset', () => setTimeout(empty));
  new ResizeObserver(redraw).observe(canvas);
  canvas.after(clear, status);
  say();
  redraw().then(() => { canvas.dataset.ready = 'true'; });
}

function makeButton(canvas) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'signature-clear';
  button.textContent = '重新签名';
  if (!canvas.hasAttribute('role')) canvas.setAttribute('role', 'img');
  if (!canvas.hasAttribute('aria-label')) canvas.setAttribute('aria-label', '签名区');
  return button;
}

function makeStatus() {
  const status = document.createElement('p');
  status.className = 'signature-status';
  status.setAttribute('aria-live', 'polite');
  return status;
}

document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('canvas[data-signature]').forEach(prepare));
